// A strict transaction reaches the disk before it is complete, one without does not:
// docs/decisions/0003.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Device } from '../lib/device.mjs';
import { Pages } from '../lib/pages.mjs';
import { Strace } from '../lib/strace.mjs';

const TRANSACTIONS = 20;
/** The page's clock counts whole milliseconds. */
const CLOCK_MS = 1;
const skip = Strace.lack() ?? false;

let pages, device, strace;

before(async () => {
  if (skip) return;
  pages = await Pages.start({ '/': '<title>Store</title>' });
  device = await Device.start('durability');
  await device.open(`${pages.origin}/`);
  await device.page.evaluate(openStore);
  strace = await Strace.attach(device.processes());
});

after(async () => {
  await device?.discard();
  await pages?.stop();
});

test('only a strict transaction is on the disk when it is complete', { skip }, async () => {
  const before = await write('ordinary');
  const strict = await write('strict');
  const afterwards = await write('ordinary');
  const synced = (await strace.stop()).filter(({ path }) => path.includes('/IndexedDB/'));
  const during = ({ from, to }) => (
    synced.filter((call) => call.from >= from - CLOCK_MS && call.to <= to + CLOCK_MS).length
  );
  for (const commit of strict) assert.ok(during(commit) >= 1, 'a strict commit was not synced');
  assert.equal(synced.length, TRANSACTIONS, 'one sync for each strict commit, and no other');
  for (const run of [before, afterwards]) {
    const [first, last] = [run[0], run[TRANSACTIONS - 1]];
    assert.equal(during({ from: first.from + CLOCK_MS, to: last.to - CLOCK_MS }), 0);
  }
});

/** Two connections to one database, as the product has: rexie's, and its own for commits. */
async function openStore() {
  const open = () => new Promise((resolve, reject) => {
    const request = indexedDB.open('shop', 1);
    request.onupgradeneeded = () => request.result.createObjectStore('sales', { autoIncrement: true });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const options = { ordinary: undefined, strict: { durability: 'strict' } };
  const connections = { ordinary: await open(), strict: await open() };
  window.commit = (kind) => new Promise((resolve, reject) => {
    const from = Date.now();
    const transaction = connections[kind].transaction('sales', 'readwrite', options[kind]);
    transaction.objectStore('sales').add('x'.repeat(300));
    transaction.oncomplete = () => resolve({ from, to: Date.now() });
    transaction.onabort = () => reject(transaction.error);
  });
  // What opening and the first write need of the disk is over before anybody watches.
  await window.commit('strict');
  await window.commit('ordinary');
}

function write(kind) {
  return device.page.evaluate(async ([wanted, count]) => {
    const commits = [];
    for (let i = 0; i < count; i += 1) commits.push(await window.commit(wanted));
    return commits;
  }, [kind, TRANSACTIONS]);
}
