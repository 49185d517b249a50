// A device: a Chromium of its own, with its profile on disk, that can be killed and opened again.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { chromium as playwright } from 'playwright-core';

import { chromium } from './environment.mjs';
import { killAll, processesOf, stopAll, wakeAll } from './processes.mjs';

const ARGUMENTS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];
const LOCKS = ['SingletonLock', 'SingletonCookie', 'SingletonSocket'];

export class Device {
  /** What its page reported as errors, in words. */
  errors = [];

  constructor(name, options) {
    this.name = name;
    this.options = options;
    this.profile = fs.mkdtempSync(path.join(os.tmpdir(), `tillmesh-${name}-`));
  }

  /**
   * Starts a device. `camera` is what its camera sees (camera.mjs), `place` the network that it
   * is in (network.mjs), `arguments` more of Chromium's, `context` more of Playwright's; `disk` is
   * what the app's data lies on (disk.mjs), `profileDisk` what all of the browser's lies on.
   */
  static async start(name, options = {}) {
    const device = new Device(name, options);
    options.profileDisk?.mount(device.#data());
    options.disk?.mount(path.join(device.#data(), 'Default', 'IndexedDB'));
    await device.reopen();
    return device;
  }

  /**
   * Starts a copy of the profile beside it, as somebody does who has copied its folder. The browser
   * must be closed.
   */
  async copy(name) {
    const copy = new Device(name, this.options);
    fs.cpSync(this.#data(), copy.#data(), { recursive: true });
    await copy.reopen();
    return copy;
  }

  /** Starts the browser again with all that is in the profile, on an empty page. */
  async reopen() {
    this.context = await playwright.launchPersistentContext(this.#data(), {
      executablePath: this.#program(),
      headless: true,
      args: [...ARGUMENTS, ...this.#cameraArguments(), ...(this.options.arguments ?? [])],
      ...this.options.context,
    });
    this.page = this.context.pages()[0] ?? await this.context.newPage();
    this.page.on('pageerror', (problem) => this.errors.push(String(problem)));
    this.page.on('console', (line) => {
      if (line.type() === 'error') this.errors.push(line.text());
    });
  }

  /** Opens an address and waits for the page, not for what the page does then. */
  async open(address) {
    await this.page.goto(address, { waitUntil: 'domcontentloaded' });
  }

  /** Kills every process of the browser at once: no farewell, nothing flushed. */
  async kill() {
    await killAll(this.profile);
    await this.context.close().catch(() => {}); // Tells Playwright; nobody is there any more.
    for (const lock of LOCKS) fs.rmSync(path.join(this.#data(), lock), { force: true });
  }

  /**
   * Closes the lid: every process of the browser stands still, what is on its way to it waits.
   * `known` are `processes()` of a moment before, for a lid that must close at once.
   */
  closeLid(known) {
    stopAll(this.profile, known);
  }

  /** Opens it again. */
  openLid() {
    wakeAll(this.profile);
  }

  /** Closes the browser as a person would. */
  async close() {
    await this.context.close();
    await killAll(this.profile);
  }

  /** Closes it and throws away all that it had. */
  async discard() {
    await killAll(this.profile);
    await this.context.close().catch(() => {}); // It may have been killed before.
    for (const disk of [this.options.disk, this.options.profileDisk]) disk?.discard();
    fs.rmSync(this.profile, { recursive: true, force: true });
  }

  /** Stops every service worker, as the browser does with idle ones. */
  async stopWorkers() {
    const session = await this.context.newCDPSession(this.page);
    await session.send('ServiceWorker.enable');
    await session.send('ServiceWorker.stopAllWorkers');
    await session.detach();
  }

  /** The numbers of its processes, the browser's first one first. */
  processes() {
    return processesOf(this.profile).map(({ pid }) => pid);
  }

  #data() {
    return path.join(this.profile, 'data');
  }

  #program() {
    if (!this.options.place) return chromium();
    const program = path.join(this.profile, 'chromium-in-its-place');
    const command = [...this.options.place.command, chromium()].join(' ');
    fs.writeFileSync(program, `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 });
    return program;
  }

  #cameraArguments() {
    if (!this.options.camera) return [];
    return [
      '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream',
      `--use-file-for-fake-video-capture=${this.options.camera.path}`,
    ];
  }
}
