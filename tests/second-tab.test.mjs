// Two tabs of one till: one sells, the other says so, and taking over loses and doubles nothing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { allSales, call, openApp } from './lib/console.mjs';
import { isLong } from './lib/environment.mjs';
import { Server } from './lib/server.mjs';
import { foundShop, signInOnScreen, startDevice } from './lib/shop.mjs';
import { SHELF, fillCart, openPayment, sellOnScreen, stock } from './lib/till.mjs';
import { until } from './lib/until.mjs';
import { Witness } from './lib/witness.mjs';

const TAKE_OVERS = isLong ? 20 : 6;

let server, till, witness, first, second;

before(async () => {
  server = await Server.start();
  till = await startDevice('two-tabs');
  witness = await Witness.of(till);
  await foundShop(till, server.origin);
  await stock(till, SHELF);
  await openApp(till, `${server.origin}/sell`);
  await signInOnScreen(till);
  first = { page: till.page };
  second = { page: await till.context.newPage() };
  await second.page.goto(`${server.origin}/sell`);
  await rests(second);
});

after(async () => {
  await till?.discard();
  await server?.kill();
});

test('the second tab says that another one sells, and sells nothing itself', async () => {
  await second.page.getByText("One tab at a time writes this till's sales.").waitFor();
  assert.equal(await second.page.getByRole('button', { name: /^Pay/ }).count(), 0);
  const code = await second.page.evaluate(() => (
    window.tillmesh.sell({ lines: [{ code: 'TEA-1', quantity_milli: 1_000 }], tenders: [{ kind: 'cash', amount_minor: 349 }] })
      .then(() => 'sold', (refused) => refused.code)
  ));
  assert.equal(code, 'other-tab');
  const receipt = await sellOnScreen(first, SHELF);
  assert.deepEqual((await allSales(first)).map((sale) => sale.receipt), [receipt]);
});

test('the second tab takes over: it sells on, and the first one rests', async () => {
  await takeOver(second);
  await rests(first);
  await signInOnScreen(second);
  const receipt = await sellOnScreen(second, SHELF);
  const [latest, earlier, ...others] = await allSales(second);
  assert.equal(latest.receipt, receipt);
  assert.notEqual(earlier.receipt, receipt);
  assert.deepEqual(others, []);
});

test('a payment that is under way when the other tab takes over is made once, and called paid', async () => {
  let [selling, resting] = [second, first];
  let books = await receiptsOf(selling);
  for (let round = 0; round < TAKE_OVERS; round += 1) {
    witness.forget();
    await fillCart(selling, SHELF);
    const exact = await openPayment(selling);
    const pressing = exact.click();
    await witness.pressed('Exact');
    await Promise.all([pressing, takeOver(resting)]);
    await rests(selling);
    [selling, resting] = [resting, selling];
    await signInOnScreen(selling);
    // A tab that comes back shows again what was paid in it last.
    if (round > 0) await selling.page.getByRole('button', { name: 'Next sale' }).click();
    const now = await receiptsOf(selling);
    assert.equal(new Set(now).size, now.length, 'a number is listed twice');
    const fresh = (receipts) => receipts.filter((receipt) => !books.includes(receipt));
    const called = fresh(witness.paid.map(({ receipt }) => receipt));
    assert.deepEqual(fresh(now), called, 'what is listed was called paid, and the other way round');
    assert.equal(called.length, 1, 'the old tab finished what it had begun');
    books = now;
  }
});

test('a tab that another one has written behind loads itself anew and sells on', async () => {
  const selling = await awake();
  const books = await receiptsOf(selling);
  const sale = {
    lines: [{ code: 'TEA-1', quantity_milli: 1_000 }],
    tenders: [{ kind: 'cash', amount_minor: 349 }],
  };
  const sell = () => call(selling, 'sell', sale).then(({ receipt }) => receipt, ({ code }) => code);
  await selling.page.evaluate(() => { window.isOld = true; });
  await selling.page.evaluate(writeBehind);
  assert.equal(await sell(), 'other-tab');
  await selling.page.waitForFunction(() => !window.isOld && window.tillmesh);
  await selling.page.evaluate(() => window.tillmesh.ready.then(() => {}));
  await signInOnScreen(selling);
  const receipt = await sell();
  assert.deepEqual(await receiptsOf(selling), [receipt, ...books]);
});

/** The tab of the two that sells. */
async function awake() {
  for (const tab of [first, second]) {
    if (await tab.page.evaluate(() => window.tillmesh.status().then(() => true, () => false))) return tab;
  }
  throw new Error('neither tab sells');
}

/** Runs in the page: what the start of another writer leaves, as in a tab that lost the lock asleep. */
async function writeBehind() {
  const wait = (request) => new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
  const database = await wait(indexedDB.open('tillmesh'));
  const store = database.transaction('heads', 'readwrite').objectStore('heads');
  // The last commit of the last writer comes first: both numbers count downwards in keys.
  const [[key], [value]] = await Promise.all([wait(store.getAllKeys()), wait(store.getAll())]);
  const [begun, ended, record] = [key, key, value].map((bytes) => new Uint8Array(bytes).slice());
  const [WRITER, COMMIT] = [24, 32];
  const numbers = ({ buffer }) => new DataView(buffer);
  numbers(begun).setBigUint64(WRITER, numbers(begun).getBigUint64(WRITER) - 1n);
  numbers(begun).setBigUint64(COMMIT, 2n ** 64n - 1n);
  numbers(ended).setBigUint64(COMMIT, numbers(ended).getBigUint64(COMMIT) - 1n);
  // The record is a map whose 0 is a map of counters: 1 is the writer, 4 the commit, small numbers here.
  const counters = new Map();
  for (let at = 3; counters.size < 5;) {
    counters.set(record[at], at + 1);
    const kind = record[at + 1] & 31;
    at += 2 + (kind < 24 ? 0 : 2 ** (kind - 24));
  }
  const [writer, commit] = [counters.get(1), counters.get(4)];
  if (record[writer] > 22 || record[commit] > 23) throw new Error('these numbers take more than a byte');
  record[writer] += 1;
  record[commit] = 0;
  await Promise.all([wait(store.add(record, begun)), wait(store.add(new Uint8Array(), ended))]);
  database.close();
}

async function receiptsOf(tab) {
  return (await allSales(tab)).map(({ receipt }) => receipt);
}

function rests({ page }) {
  return page.getByRole('heading', { name: 'Another tab is selling' }).waitFor();
}

async function takeOver({ page }) {
  await page.getByRole('button', { name: 'Take over here' }).click();
  await until('the tab has taken over', () => page.evaluate(() => (
    window.tillmesh.status().then(() => true, () => false)
  )));
}
