// A till whose lid is closed and opened again: it goes on where it stood, and nobody helps it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { agree, showsTheDay } from './lib/agreement.mjs';
import { allSales, call } from './lib/console.mjs';
import { isLong } from './lib/environment.mjs';
import { twice } from './lib/receipts.mjs';
import { SEED, randomFrom } from './lib/seed.mjs';
import { Server } from './lib/server.mjs';
import { foundShop, goTo, letIn, openTill, startDevice } from './lib/shop.mjs';
import { SHELF, fillCart, openPayment, paidReceipt, sellInConsole, sellOnScreen, stock } from './lib/till.mjs';
import { Witness } from './lib/witness.mjs';

const CLOSED_MS = 60_000;
/** Closed in the middle of a sale: longer than the 10 s after which the other one gives a link up. */
const CLOSED_IN_SALE_MS = 15_000;
const STOPS = isLong ? 10 : 2;
/** How often the lid must have closed before "Paid". */
const UNPAID_MIN = isLong ? 5 : 1;
/** The processor of a cheap tablet: a payment takes longer than it takes to close a lid. */
const SLOWER = 6;
const DELAY_MAX_MS = 40;
/** The other one goes on selling at this pace. */
const BETWEEN_SALES_MS = 100;
/** From the opened lid to "Paid", with fingers on the screen; on a machine that rests it takes one second. */
const SALE_MS_MAX = 10_000;
/** Both the app and the network wait longer from try to try; most returns take 1 to 8 s. */
const RETURN_MS_MAX = 90_000;
const LINKED = /^Status: (in step|linked) with 1 lane/;
const ALONE = /^Status: selling alone/;

let server, owner, till, witness;
/** What was sold so far, by whomever. */
const sold = [];

before(async () => {
  server = await Server.start();
  [owner, till] = await Promise.all([startDevice('owner'), startDevice('till')]);
  witness = await Witness.of(till);
  await foundShop(owner, server.origin);
  await stock(owner, SHELF);
  await letIn(owner, till, server.origin);
  await Promise.all([owner, till].map((device) => openTill(device, server.origin)));
  await goTo(owner, 'Today');
  await isShown(LINKED);
  await till.page.evaluate(() => { window.isWhatItWas = true; });
});

after(async () => {
  await owner?.discard();
  await till?.discard();
  await server?.kill();
});

test('a till whose lid was closed for a minute sells at once, links again by itself and loses nothing', async (context) => {
  sold.push(SHELF);
  await sellOnScreen(till, SHELF);
  till.closeLid();
  const count = await stayClosed(CLOSED_MS);
  till.openLid();
  const opened = performance.now();
  sold.push(SHELF);
  const receipt = await sellOnScreen(till, SHELF);
  const sale_ms = performance.now() - opened;
  assert.ok(sale_ms < SALE_MS_MAX, `the first sale took ${Math.round(sale_ms)} ms`);
  tell(context, opened, 'it has sold');
  await isShown(LINKED);
  tell(context, opened, 'both screens say that they are linked');
  await areEqual();
  tell(context, opened, `both are equal, with ${count} sales of the other one`);
  const listed = (await allSales(owner)).filter((sale) => sale.receipt === receipt);
  assert.equal(listed.length, 1);
});

test('a till whose lid was closed just after Pay has that sale once', async (context) => {
  context.diagnostic(`TILLMESH_SEED=${SEED}`);
  const random = randomFrom(SEED);
  const session = await till.context.newCDPSession(till.page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
  let [stops, unpaid] = [0, 0];
  while (stops < STOPS || unpaid < UNPAID_MIN) {
    witness.forget();
    await fillCart(till, SHELF);
    const exact = await openPayment(till);
    const known = till.processes();
    const pressing = exact.click({ timeout: 0 });
    await witness.pressed('Exact');
    await pause(random() * DELAY_MAX_MS);
    till.closeLid(known);
    await stayClosed(CLOSED_IN_SALE_MS);
    stops += 1;
    if (witness.paid.length === 0) unpaid += 1;
    till.openLid();
    const opened = performance.now();
    await pressing;
    sold.push(SHELF);
    const receipt = await paidReceipt(till);
    tell(context, opened, `${receipt} is paid`);
    await till.page.getByRole('button', { name: 'Next sale' }).click();
    await isShown(LINKED);
    await areEqual();
    tell(context, opened, 'both are equal');
    assert.deepEqual(witness.paid.map((paid) => paid.receipt), [receipt]);
  }
  context.diagnostic(`${stops} times closed, ${unpaid} of them before "Paid"`);
});

/** The other one sells for so long, and gives the link up. Gives how many it sold. */
async function stayClosed(duration_ms) {
  const [start, soldBefore] = [performance.now(), sold.length];
  while (performance.now() < start + duration_ms) {
    sold.push([SHELF[0]]);
    await sellInConsole(owner, [[SHELF[0]]]);
    await pause(BETWEEN_SALES_MS);
  }
  assert.ok(await pill(owner, ALONE).isVisible(), 'the other one still takes it for linked');
  return sold.length - soldBefore;
}

/** Waits until both have what was sold, each sale once, and the till is the page that it was. */
async function areEqual() {
  await showsTheDay(owner, sold, RETURN_MS_MAX);
  await agree([owner, till], RETURN_MS_MAX);
  for (const device of [owner, till]) {
    const receipts = (await allSales(device)).map(({ receipt }) => receipt);
    assert.equal(receipts.length, sold.length);
    assert.deepEqual(twice(receipts), []);
    assert.equal((await call(device, 'counts')).quarantined, 0);
  }
  assert.ok(await till.page.evaluate(() => window.isWhatItWas), 'the till was loaded anew');
}

const pill = ({ page }, words) => page.getByRole('button', { name: words });

/** Waits until the pill says this on both screens. */
async function isShown(words) {
  await Promise.all([owner, till].map((device) => pill(device, words).waitFor({ timeout: RETURN_MS_MAX })));
}

function tell(context, opened, what) {
  const seconds = ((performance.now() - opened) / 1_000).toFixed(1);
  context.diagnostic(`${seconds} s after the lid was opened: ${what}`);
}
