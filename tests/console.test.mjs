// The calls of docs/console.md, with two devices: clocks, rounds of comparing, what waits,
// counters, the configuration, conflicts.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { agree } from './lib/agreement.mjs';
import { call, openApp } from './lib/console.mjs';
import { Server } from './lib/server.mjs';
import { OWNER, PIN, SHOP, foundShop, letIn, startDevice } from './lib/shop.mjs';
import { until } from './lib/until.mjs';

const TEA = { sku: 'TEA', barcodes: ['4006381333931'], name: 'Tea', price_minor: 250 };
/** Two browsers of one machine read one clock. */
const SKEW_MAX_MS = 200;

let server, owner, till, ids;

before(async () => {
  server = await Server.start();
  [owner, till] = await Promise.all(['owner', 'till'].map((name) => startDevice(name)));
  await foundShop(owner, server.origin);
  await call(owner, 'setProduct', TEA);
  await letIn(owner, till, server.origin);
  await call(till, 'signIn', { employee: OWNER, pin: PIN });
  await agree([owner, till]);
  ids = await Promise.all([owner, till].map(async (device) => (await call(device, 'status')).device.id));
});

after(async () => {
  await Promise.all([owner, till].map((device) => device?.discard()));
  await server?.kill();
});

function sellTea(device) {
  return call(device, 'sell', {
    lines: [{ code: TEA.barcodes[0], quantity_milli: 1000 }],
    tenders: [{ kind: 'cash', amount_minor: 1000 }],
  });
}

function linked(device, other) {
  return until(`${device.name} is linked`, async () => (
    (await call(device, 'peers')).find(({ deviceId }) => deviceId === other).state === 'connected'
  ));
}

async function peer(device, other) {
  return (await call(device, 'peers')).find(({ deviceId }) => deviceId === other);
}

/** Gathers what a device's scripts are told under a name, by handler and by document. */
async function listen({ page }, name) {
  await page.evaluate((wanted) => {
    window.told = { handler: [], document: [] };
    window.tillmesh.on(wanted, (detail) => window.told.handler.push(detail));
    document.addEventListener(wanted, ({ detail }) => window.told.document.push(detail));
  }, name);
  return () => page.evaluate(() => window.told);
}

test('two devices know how far their clocks are apart', async () => {
  for (const device of [owner, till]) {
    const skew = await until('the clock is compared', async () => {
      const { clockSkewMs } = await call(device, 'status');
      return clockSkewMs === null ? null : { clockSkewMs };
    });
    assert.ok(Math.abs(skew.clockSkewMs) <= SKEW_MAX_MS, `${skew.clockSkewMs} ms`);
  }
});

test('a round with one device ends when both hold the same', async () => {
  const asked = new Date().toISOString();
  await sellTea(till);
  await call(owner, 'syncWith', ids[1]);
  const [here, there] = await Promise.all([owner, till].map((device) => call(device, 'vector')));
  assert.deepEqual(here, there);
  const { lastSync } = await peer(owner, ids[1]);
  assert.ok(lastSync >= asked, `${lastSync} is before ${asked}`);
  await assert.rejects(call(owner, 'syncWith', ids[0]), { code: 'not-linked' });
  await assert.rejects(call(owner, 'syncWith', 'till'), { code: 'bad-arguments' });
});

test('counters rise in all and for the link', async () => {
  const before = await call(till, 'metrics');
  await sellTea(till);
  await call(till, 'syncWith', ids[0]);
  const now = await call(till, 'metrics');
  assert.equal(now.commits, before.commits + 1);
  assert.equal(now.commitMs.count, now.commits);
  assert.equal(now.commitMs.buckets.reduce((sum, { count }) => sum + count, 0), now.commits);
  assert.equal(now.commitMs.buckets.at(-1).upTo, null);
  const [link] = now.links;
  assert.equal(link.deviceId, ids[0]);
  for (const what of ['frames', 'bytes']) {
    for (const way of ['sent', 'received']) {
      assert.ok(link[what][way] > before.links[0][what][way], `${what} ${way}`);
      assert.ok(now[what][way] >= link[what][way], `${what} ${way} in all`);
    }
  }
  assert.deepEqual([now.resent, now.retries], [link.resent, link.retries]);
});

test('what waits says whether it is safe elsewhere', async () => {
  assert.deepEqual(await call(till, 'waiting'), []);
  await owner.kill();
  await until('the owner is gone', async () => (await peer(till, ids[0])).state === 'disconnected');
  await sellTea(till);
  const [waiting, ...others] = await call(till, 'waiting');
  assert.deepEqual(others, []);
  assert.ok(Date.parse(waiting.createdAt) <= Date.now());
  const { destination, topic, entries, peerAckedAt, cloudAckedAt } = waiting;
  assert.deepEqual({ destination, topic, entries, peerAckedAt, cloudAckedAt }, {
    destination: ids[0], topic: 'transaction', entries: 1, peerAckedAt: null, cloudAckedAt: null,
  });
  await assert.rejects(call(till, 'syncWith', ids[0]), { code: 'not-linked' });
  await owner.reopen();
  await openApp(owner, `${server.origin}/`);
  await linked(till, ids[0]);
  await call(till, 'syncWith', ids[0]);
  assert.deepEqual(await call(till, 'waiting'), []);
});

test('the configuration is read whole, changed key by key, and holds on every device', async () => {
  const { timezone, ...before } = await call(owner, 'config');
  assert.deepEqual(before, {
    name: SHOP, currency: 'EUR', taxMode: 'inclusive', deviceName: 'Office',
    taxRates: [{ id: 0, name: 'standard', percent: 20, default: true }],
    dayCutoffMinutes: 0, reconcileSeconds: 600, retryCapSeconds: 3600,
  });
  assert.deepEqual(await call(owner, 'setConfig', { timezone, ...before }), { timezone, ...before });
  const rates = [...before.taxRates, { name: 'reduced', percent: 5.5, default: false }];
  const change = { name: 'Corner & Sons', taxRates: rates, dayCutoffMinutes: 240, reconcileSeconds: 60 };
  const now = await call(owner, 'setConfig', change);
  assert.deepEqual(now.taxRates.at(-1), { id: 1, name: 'reduced', percent: 5.5, default: false });
  await call(owner, 'syncWith', ids[1]);
  await agree([owner, till]);
  const there = await call(till, 'config');
  assert.deepEqual(there, { ...now, deviceName: 'Till 2', reconcileSeconds: 600 });
  assert.equal((await call(till, 'status')).shop.name, 'Corner & Sons');
  await openApp(owner, `${server.origin}/`);
  assert.deepEqual(await call(owner, 'config'), now);
});

test('what cannot be set is refused by name, and nothing changes', async () => {
  const before = await call(owner, 'config');
  const wrong = [
    [{ colour: 'red' }, 'unknown-key', /colour/],
    [{ dayCutoffMinutes: 1440 }, 'out-of-range', /dayCutoffMinutes.*0 to 1439/],
    [{ reconcileSeconds: 0.5 }, 'out-of-range', /reconcileSeconds/],
    [{ retryCapSeconds: 'soon' }, 'out-of-range', /retryCapSeconds/],
    [{ taxMode: 'none' }, 'out-of-range', /taxMode/],
    [{ taxRates: [] }, 'out-of-range', /taxRates/],
    [{ name: ' ' }, 'out-of-range', /name/],
    [{ currency: 'USD' }, 'fixed-key', /currency/],
    [{ timezone: 'Europe/Atlantis' }, 'unknown-timezone', /time zone/],
  ];
  for (const [change, code, message] of wrong) {
    await assert.rejects(call(owner, 'setConfig', { deviceName: 'Elsewhere', ...change }), { code, message });
  }
  assert.deepEqual(await call(owner, 'config'), before);
  await assert.rejects(call(till, 'setConfig', { dayCutoffMinutes: 0 }), { code: 'not-owner-device' });
});

test('two prices written apart are told of and listed on both devices, until a third settles them', async () => {
  await linked(owner, ids[1]);
  const told = await Promise.all([owner, till].map((device) => listen(device, 'sync-conflicts-detected')));
  await server.kill(); // Without a meeting place a link that is closed stays closed.
  await call(owner, 'disconnect', ids[1]);
  await until('they are apart', async () => (await peer(till, ids[0])).state === 'disconnected');
  await call(owner, 'setProduct', { sku: 'TEA', price_minor: 260 });
  await call(till, 'setProduct', { sku: 'TEA', price_minor: 270 });
  const offer = await call(till, 'offer');
  const answer = await call(owner, 'answer', offer);
  await call(till, 'accept', answer);
  await agree([owner, till]);
  for (const [i, device] of [owner, till].entries()) {
    const expected = [{ conflicts: 1 }];
    assert.deepEqual(await told[i](), { handler: expected, document: expected });
    assert.equal((await call(device, 'status')).conflicts, 1);
    const [{ id, ...conflict }, ...others] = await call(device, 'conflicts', { offset: 0, limit: 10 });
    assert.deepEqual(others, []);
    assert.match(id, /^[0-9a-f]{16}\.0$/);
    const times = conflict.fields[0].values.map(({ at }) => at);
    assert.deepEqual(times, [...times].sort().reverse());
    const [ofOwner, ofTill] = [
      { value: 260, deviceId: ids[0], deviceName: 'Office', at: times[1] },
      { value: 270, deviceId: ids[1], deviceName: 'Till 2', at: times[0] },
    ];
    assert.deepEqual(conflict, {
      kind: 'product', name: 'Tea', fields: [{ field: 'price_minor', values: [ofTill, ofOwner] }],
    });
    assert.deepEqual(await call(device, 'conflicts', { offset: 1 }), []);
  }
  await call(till, 'setProduct', { sku: 'TEA', price_minor: 265 });
  await agree([owner, till]);
  for (const device of [owner, till]) assert.deepEqual(await call(device, 'conflicts'), []);
});
