// "Paid" is shown when the sale is on the disk: the system's calls between the press and the word.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { call, openApp } from './lib/console.mjs';
import { isLong } from './lib/environment.mjs';
import { Server } from './lib/server.mjs';
import { OWNER, PIN, foundShop, startDevice } from './lib/shop.mjs';
import { Strace } from './lib/strace.mjs';
import { SHELF, sellInConsole, sellOnScreen, stock } from './lib/till.mjs';
import { TransactionLog } from './lib/transactions.mjs';
import { Witness } from './lib/witness.mjs';

const SALES = isLong ? 20 : 5;
/** Sales in the list that is read meanwhile. */
const LISTED = 100;
/** The page's clock and the system's differ by less. */
const CLOCK_MS = 1;
const skip = Strace.lack() ?? false;

let server, till;

before(async () => {
  if (!skip) server = await Server.start();
});

after(async () => {
  await server?.kill();
});

test('between Pay and "Paid" every sale reaches the disk', { skip }, async (context) => {
  await openTill(context);
  const { sales, synced } = await sellWatched();
  syncedBeforePaid(sales, synced);
  for (const { receipt, pressed, paid } of sales) {
    const syncs = during(synced, pressed, paid).length;
    context.diagnostic(`${receipt}: ${(paid - pressed).toFixed(1)} ms, ${syncs} syncs`);
  }
});

test('with relaxed durability the same measure finds sales that are paid before they are on the disk', { skip }, async (context) => {
  await openTill(context);
  await till.context.addInitScript(relax);
  const { sales, synced } = await sellWatched();
  assert.throws(() => syncedBeforePaid(sales, synced), /called paid before/);
  const late = sales.filter(({ pressed, paid }) => during(synced, pressed, paid).length === 0);
  context.diagnostic(`${late.length} of ${sales.length} were paid before they were on the disk`);
});

test('a sale reaches the disk while another connection reads the same database', { skip }, async (context) => {
  await openTill(context);
  // The latest are at hand without a look at the disk; the list must be longer than those.
  await sellInConsole(till, Array.from({ length: LISTED }, () => SHELF));
  const log = await TransactionLog.of(till);
  const { sales, synced } = await sellWatched({ meanwhile: readOn });
  syncedBeforePaid(sales, synced);
  const { reads, commits } = apart(await log.all());
  for (const { receipt, pressed, paid } of sales) {
    const own = commits.filter(({ from, to }) => pressed <= from && to <= paid);
    assert.ok(own.length >= 1, `sale ${receipt} was not committed before it was called paid`);
    for (const { from, to } of own) {
      const syncs = during(synced, from - CLOCK_MS, to + CLOCK_MS);
      assert.ok(syncs.length >= 1, `a commit of sale ${receipt} was not synced`);
    }
    const beside = reads.filter((read) => own.some(({ from, to }) => read.from < to && from < read.to));
    assert.ok(beside.length >= 1, `nothing was read while sale ${receipt} was committed`);
    context.diagnostic(`${receipt}: ${own.length} strict commits, ${beside.length} reads beside them`);
  }
});

/** A till with something to sell, which ends with the test. */
async function openTill(context) {
  till = await startDevice('strict');
  context.after(() => till.discard());
  await foundShop(till, server.origin);
  await stock(till, SHELF);
}

/**
 * Sells on the screen while the system's calls are watched. Gives the sales, as the screen showed
 * them, and the calls that brought the database to the disk. `meanwhile` begins something that
 * goes on in the page as long as there are sales.
 */
async function sellWatched({ meanwhile } = {}) {
  const witness = await Witness.of(till);
  await openApp(till, `${server.origin}/sell`);
  await call(till, 'signIn', { employee: OWNER, pin: PIN });
  await sellOnScreen(till, SHELF);
  if (meanwhile) await till.page.evaluate(meanwhile);
  witness.forget();
  const strace = await Strace.attach(till.processes());
  for (let sale = 0; sale < SALES; sale += 1) await sellOnScreen(till, SHELF);
  const synced = (await strace.stop()).filter(({ path }) => path.includes('/IndexedDB/'));
  const presses = witness.presses.filter(({ name }) => name === 'Exact');
  assert.equal(presses.length, SALES);
  assert.equal(witness.paid.length, SALES);
  const sales = witness.paid.map(({ receipt, at }, i) => ({ receipt, pressed: presses[i].at, paid: at }));
  return { sales, synced };
}

/** Every sale was brought to the disk between the press and "Paid"; else it throws, naming those that were not. */
function syncedBeforePaid(sales, synced) {
  const late = sales.filter(({ pressed, paid }) => during(synced, pressed, paid).length === 0);
  const receipts = late.map(({ receipt }) => receipt).join(', ');
  assert.equal(late.length, 0, `called paid before it was on the disk: ${receipts}`);
}

/** The calls that began and ended within a time. */
function during(synced, from, to) {
  return synced.filter((call) => call.from >= from && call.to <= to);
}

/** Runs in the page: from now on a commit is only given to the system, whatever the app asks for. */
function relax() {
  const { transaction } = IDBDatabase.prototype;
  IDBDatabase.prototype.transaction = function relaxed(stores, mode, options) {
    return transaction.call(this, stores, mode, { ...options, durability: 'relaxed' });
  };
}

/** Runs in the page: reads the list of sales again and again. */
function readOn() {
  const readAgain = () => window.tillmesh.sales({ limit: 500 }).then(() => setTimeout(readAgain));
  readAgain();
}

/** What was read and what was strictly committed; the two never share a connection. */
function apart(transactions) {
  const reads = transactions.filter(({ mode }) => mode === 'readonly');
  const commits = transactions.filter(({ durability }) => durability === 'strict');
  const [reading, committing] = [reads, commits].map((list) => (
    new Set(list.map(({ connection }) => connection))
  ));
  assert.deepEqual([...reading].filter((connection) => committing.has(connection)), []);
  return { reads, commits };
}
