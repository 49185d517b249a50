// The service worker, in Rust, answers its very first fetch with the server gone:
// docs/decisions/0004.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Device } from '../lib/device.mjs';
import { install } from '../lib/release.mjs';
import { Server } from '../lib/server.mjs';
import { until } from '../lib/until.mjs';

const DEEP_LINK = '/some/place/in/the/app';

let server, device;

before(async () => {
  server = await Server.start();
  device = await Device.start('worker');
  await device.open(`${server.origin}/`);
  await install(device);
  await server.stop();
});

after(async () => {
  await device?.discard();
  await server?.kill();
});

test('a worker that was stopped answers a deep link', async (context) => {
  await device.stopWorkers();
  await opensOffline(context);
});

test('so does a worker of a browser that was killed', async (context) => {
  await device.kill();
  await device.reopen();
  await opensOffline(context);
});

async function opensOffline(context) {
  device.errors.length = 0;
  const start = performance.now();
  const answer = await device.page.goto(server.origin + DEEP_LINK);
  context.diagnostic(`the page was there after ${Math.round(performance.now() - start)} ms`);
  assert.equal(answer.status(), 200);
  assert.ok(answer.fromServiceWorker());
  // Set by the page's start-up script once the module of the screens runs.
  await until('the screens run', () => device.page.evaluate(() => Boolean(window.wasmBindings)));
  assert.ok(await device.page.evaluate(() => document.styleSheets.length > 0));
  const reached = await device.page.evaluate(() => fetch('/health').then(() => true, () => false));
  assert.equal(reached, false, 'the server was there');
  const surprises = device.errors.filter((text) => !text.includes('ERR_CONNECTION_REFUSED'));
  assert.deepEqual(surprises, []);
}
