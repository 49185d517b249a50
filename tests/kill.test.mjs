// A browser that is killed while it takes a payment: what its screen said is true afterwards.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { allSales } from './lib/console.mjs';
import { isLong } from './lib/environment.mjs';
import { running, twice } from './lib/receipts.mjs';
import { SEED, randomFrom } from './lib/seed.mjs';
import { Server } from './lib/server.mjs';
import { foundShop, openTill, startDevice } from './lib/shop.mjs';
import { SHELF, amount, clearCart, fillCart, openPayment, sellOnScreen, stock } from './lib/till.mjs';
import { Witness } from './lib/witness.mjs';

const KILLS = isLong ? 30 : 8;
/** How often a kill must have come before "Paid", where there are many. */
const UNPAID_MIN = isLong ? 5 : 0;
const DELAY_MAX_MS = 30;

let server, till;

before(async () => {
  server = await Server.start();
  till = await startDevice('killed');
  await foundShop(till, server.origin);
  await stock(till, SHELF);
});

after(async () => {
  await till?.discard();
  await server?.kill();
});

test('a till that is killed after Pay has every sale that it called paid, once', async (context) => {
  context.diagnostic(`TILLMESH_SEED=${SEED}`);
  const random = randomFrom(SEED);
  const receipts = [];
  let [kills, unpaid] = [0, 0];
  let listed = 0;
  /** A cart that was sold is gone; one that was not is there, and is put away. */
  const checkCart = async () => {
    const sold = (await allSales(till)).length > listed;
    const total = await till.page.getByRole('status', { name: 'Total' }).innerText();
    assert.equal(total === amount(0), sold || kills === 0, `${total} in the cart, sold: ${sold}`);
    await clearCart(till);
  };
  while (kills < KILLS || unpaid < UNPAID_MIN) {
    const witness = await Witness.of(till);
    await openTill(till, server.origin);
    await checkBooks(receipts, unpaid);
    await checkCart();
    receipts.push(await sellOnScreen(till, [SHELF[kills % SHELF.length]]));
    witness.forget();
    listed = (await allSales(till)).length;
    const [delay_ms, doomed] = [random() * DELAY_MAX_MS, till.processes()];
    await fillCart(till, SHELF);
    const exact = await openPayment(till);
    const pressing = exact.click().catch(() => {}); // The browser goes away under it.
    await witness.pressed('Exact');
    await pause(delay_ms);
    for (const pid of doomed) end(pid);
    await till.kill();
    await pressing;
    kills += 1;
    if (witness.paid.length === 0) unpaid += 1;
    receipts.push(...witness.paid.map(({ receipt }) => receipt));
    await till.reopen();
  }
  await openTill(till, server.origin);
  await checkCart();
  receipts.push(await sellOnScreen(till, SHELF));
  await checkBooks(receipts, unpaid);
  context.diagnostic(`${kills} kills, ${unpaid} of them before "Paid"`);
});

/**
 * Every receipt that a screen showed is listed once, no number was given twice, and nothing is
 * listed that nobody tried to sell. `receipts` are those shown, `unpaid` the tries without one.
 */
async function checkBooks(receipts, unpaid) {
  const sales = await allSales(till);
  const listed = sales.map(({ receipt }) => receipt);
  assert.deepEqual(twice(sales.map(({ saleId }) => saleId)), [], 'a sale is listed twice');
  assert.deepEqual(twice(listed.map(running)), [], 'a number is listed twice');
  assert.deepEqual(twice(receipts.map(running)), [], 'a number was shown twice');
  const lost = receipts.filter((receipt) => !listed.includes(receipt));
  assert.deepEqual(lost, [], 'sales that were shown as paid are gone');
  assert.ok(listed.length <= receipts.length + unpaid, 'more is listed than was sold');
}

function end(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (problem) {
    if (problem.code !== 'ESRCH') throw problem; // Its parent took it along.
  }
}
