// The service worker, in the app as it is shipped: installing, new releases, and its own failures.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Device } from './lib/device.mjs';
import { Release, install } from './lib/release.mjs';
import { Server } from './lib/server.mjs';
import { until } from './lib/until.mjs';

const TITLE = '<title>TillMesh</title>';
const NEW_TITLE = '<title>TillMesh, newer</title>';
const GLUE_END = 'return wasm_bindgen;';

test('Chrome offers to install the app', async (context) => {
  const { device } = await start(context);
  const session = await device.context.newCDPSession(device.page);
  const { errors } = await session.send('Page.getAppManifest');
  assert.deepEqual(errors, []);
  const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
  assert.deepEqual(installabilityErrors, []);
  assert.deepEqual(device.errors, []);
});

test('a new release waits until the page lets it in, and then replaces all of the old one', async (context) => {
  const { device, server, release } = await start(context);
  const [old] = await cachesOf(device);
  release.change('index.html', TITLE, NEW_TITLE);
  await serveAnew(server);
  await until('the new release waits', () => update(device));
  await device.page.reload();
  assert.equal(await title(device), TITLE, 'the old release is in charge');
  const reloaded = device.page.waitForEvent('load');
  await device.page.evaluate(async () => {
    (await navigator.serviceWorker.ready).waiting.postMessage('SKIP_WAITING');
  });
  await reloaded;
  await until('the old release is thrown out', async () => !(await cachesOf(device)).includes(old));
  assert.equal(await title(device), NEW_TITLE);
  assert.equal((await cachesOf(device)).length, 1);
});

test('a release with one file that is not its own is not installed', async (context) => {
  const { device, server, release } = await start(context);
  release.change('index.html', TITLE, NEW_TITLE);
  release.damage('manifest.json', 'TillMesh', 'Log in to this network');
  await serveAnew(server);
  await until('the new release is refused', async () => {
    await update(device);
    return device.page.evaluate(() => window.refused === true);
  });
  await server.stop();
  await device.page.reload();
  assert.equal(await title(device), TITLE);
});

// A panic in what is called reaches the listener; one in a future reaches nobody.
const PANICS = {
  'at once': "throw new WebAssembly.RuntimeError('unreachable');",
  'later': "setTimeout(() => { throw new WebAssembly.RuntimeError('unreachable'); }); return new Promise(() => {});",
};

for (const [when, panic] of Object.entries(PANICS)) {
  test(`a worker that breaks ${when} steps aside, with and without a network`, async (context) => {
    const broken = `wasm_bindgen.Worker.prototype.fetch = () => { ${panic} };\n${GLUE_END}`;
    const { device, server } = await start(context, (release) => {
      release.damage('sw.js', GLUE_END, broken);
    });
    await device.open(`${server.origin}/some/place`);
    assert.equal(await title(device), TITLE);
    await server.stop();
    await device.open(`${server.origin}/another/place`);
    assert.equal(await title(device), TITLE);
  });
}

/** A served release and a device that has it installed; `prepare` may change it before. */
async function start(context, prepare = () => {}) {
  const release = new Release();
  context.after(() => release.discard());
  prepare(release);
  const server = await Server.start({ folder: release.folder });
  context.after(() => server.kill());
  const device = await Device.start('worker');
  context.after(() => device.discard());
  await device.open(`${server.origin}/`);
  await install(device);
  return { device, server, release };
}

async function serveAnew(server) {
  await server.stop();
  await server.restart();
}

/** Asks for a new release; whether one waits. */
function update(device) {
  return device.page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    await registration.update();
    registration.installing?.addEventListener('statechange', ({ target }) => {
      if (target.state === 'redundant') window.refused = true;
    });
    return Boolean(registration.waiting);
  });
}

async function title(device) {
  const text = await device.page.evaluate(() => fetch('/index.html').then((answer) => answer.text()));
  return text.match(/<title>.*<\/title>/)[0];
}

function cachesOf(device) {
  return device.page.evaluate(() => caches.keys());
}
