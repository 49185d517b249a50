// Releases of the app: installing one, and making another out of the one that was built.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { dist } from './environment.mjs';
import { until } from './until.mjs';

const BUILD = /^const BUILD = (".*");$/m;

/** Has the device's page install the app, and waits until the worker answers for it. */
export async function install(device) {
  await device.page.evaluate(() => (
    navigator.serviceWorker.register('/sw.js', { updateViaCache: 'none' }).then(() => {})
  ));
  await until('the worker answers for the page', () => (
    device.page.evaluate(() => navigator.serviceWorker.controller?.state === 'activated')
  ));
}

/** A copy of the built app that can be changed. */
export class Release {
  constructor() {
    const built = dist();
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tillmesh-release-'));
    fs.cpSync(built, this.folder, { recursive: true });
    // Compressed forms would still hold what was there before.
    for (const name of fs.readdirSync(this.folder, { recursive: true })) {
      if (/\.(br|gz)$/.test(name)) fs.rmSync(path.join(this.folder, name));
    }
  }

  /** Replaces a part of a file, and says nothing of it to the worker. */
  damage(file, part, replacement) {
    const place = path.join(this.folder, file);
    const content = fs.readFileSync(place, 'utf8');
    if (!content.includes(part)) throw new Error(`${file} holds no ${part}`);
    fs.writeFileSync(place, content.replace(part, replacement));
  }

  /** Replaces a part of a file as a new build would: the worker knows the new content. */
  change(file, part, replacement) {
    this.damage(file, part, replacement);
    this.declare(file);
  }

  /** Writes a file's content into the worker's list, which makes it another version. */
  declare(file) {
    const place = path.join(this.folder, 'sw.js');
    const script = fs.readFileSync(place, 'utf8');
    const lines = JSON.parse(BUILD.exec(script)[1]).split('\n');
    const hash = createHash('sha256').update(fs.readFileSync(path.join(this.folder, file)));
    const listed = lines.findIndex((line) => line.endsWith(` /${file}`));
    lines[listed] = `sha256-${hash.digest('base64')} /${file}`;
    lines[0] = createHash('sha256').update(lines.slice(1).join('\n')).digest('hex').slice(0, 32);
    const build = `const BUILD = ${JSON.stringify(lines.join('\n'))};`;
    fs.writeFileSync(place, script.replace(BUILD, () => build));
  }

  discard() {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}
