// A disk that is full: nothing is called paid that is not on it, the cart is kept, and as soon as
// there is room the very same cart is paid, once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { allSales, openApp } from './lib/console.mjs';
import { SmallDisk } from './lib/disk.mjs';
import { Server } from './lib/server.mjs';
import { foundShop, signInOnScreen, startDevice } from './lib/shop.mjs';
import {
  SHELF, amount, fillCart, openPayment, paidReceipt, sellOnScreen, stock, totalOf,
} from './lib/till.mjs';

const FULL = 'The disk is full, so this was not saved. Everything saved before is kept. '
  + 'Free some space on this device, then try again.';
const STORE_SHUT = 'Most often the disk is full. Nothing was changed, and every sale that was shown as paid '
  + 'is kept. Free some space on this device, then try again. If that does not help, restart the browser.';
const NO_ROOM = 'The till can’t open its store on a full disk. Nothing was changed, and every sale that was shown '
  + 'as paid is kept. Free some space on this device, then try again.';
/** A file system gives out whole pages: what fits into the last one is still stored. */
const SALES_UNTIL_FULL_MAX = 10;

const skip = SmallDisk.lack();
let server;

before(async () => { server = await Server.start(); });
after(async () => { await server?.kill(); });

test('a sale that has no room is not paid, and is paid once there is', { skip }, async (t) => {
  const disk = new SmallDisk(4);
  const till = await startDevice('full', { disk });
  t.after(() => till.discard());
  await foundShop(till, server.origin);
  await stock(till, SHELF);
  await openApp(till, `${server.origin}/sell`);
  await signInOnScreen(till);
  const paid = [await sellOnScreen(till, SHELF)];

  disk.fill();
  paid.push(...await sellUntilRefused(till));
  await refused(till);
  await exact(till).click(); // No better, and no worse, for trying again.
  await refused(till);

  disk.free();
  await exact(till).click();
  paid.push(await paidReceipt(till));
  await till.page.getByRole('button', { name: 'Next sale' }).click();
  paid.push(await sellOnScreen(till, SHELF));
  await goesOn(till, paid);

  await openApp(till, `${server.origin}/sell`);
  await signInOnScreen(till);
  await goesOn(till, paid);
  paid.push(await sellOnScreen(till, SHELF));
  await goesOn(till, paid);
});

test('a till whose disk was full before its first start opens as soon as there is room', { skip }, async (t) => {
  const disk = new SmallDisk(4);
  const till = await startDevice('no-start', { disk });
  t.after(() => till.discard());
  disk.fill();
  await till.open(`${server.origin}/`);
  await till.page.getByRole('heading', { name: 'This device has no room left' }).waitFor();
  await till.page.getByText(NO_ROOM).waitFor();

  disk.free();
  await till.page.getByRole('button', { name: 'Try again' }).click();
  await till.page.getByRole('link', { name: 'Start a new shop' }).waitFor();
  await foundShop(till, server.origin);
  await stock(till, SHELF);
  await openApp(till, `${server.origin}/sell`);
  await signInOnScreen(till);
  await goesOn(till, [await sellOnScreen(till, SHELF)]);
});

test('a device without room says so before anything else, and opens once there is some', { skip }, async (t) => {
  const profileDisk = new SmallDisk(96);
  const till = await startDevice('no-room', { profileDisk });
  t.after(() => till.discard());
  profileDisk.fill();
  await till.open(`${server.origin}/`);
  await till.page.getByRole('heading', { name: 'The browser can’t open the store' }).waitFor();
  await till.page.getByText(STORE_SHUT).waitFor();
  await till.page.getByRole('button', { name: 'Try again' }).click();
  await till.page.getByText(STORE_SHUT).waitFor();

  profileDisk.free();
  await till.close();
  await till.reopen();
  await foundShop(till, server.origin);
  await stock(till, SHELF);
  await openApp(till, `${server.origin}/sell`);
  await signInOnScreen(till);
  await goesOn(till, [await sellOnScreen(till, SHELF)]);
});

/** Sells the same cart until there is no room for it; gives the receipts of those that had some. */
async function sellUntilRefused(till) {
  const receipts = [];
  const full = till.page.getByRole('alert').getByText(FULL);
  while (receipts.length < SALES_UNTIL_FULL_MAX) {
    await fillCart(till, SHELF);
    await (await openPayment(till)).click();
    await full.or(till.page.getByText(/Paid · Receipt \S/)).waitFor();
    if (await full.isVisible()) return receipts;
    receipts.push(await paidReceipt(till));
    await till.page.getByRole('button', { name: 'Next sale' }).click();
  }
  throw new Error(`the disk took ${receipts.length} sales after it was full`);
}

/** The screen says what happened, calls nothing paid, and holds the cart. */
async function refused({ page }) {
  await page.getByRole('alert').getByText(FULL).waitFor();
  assert.equal(await page.getByText(/Paid · Receipt/).count(), 0);
  const total = page.getByRole('status', { name: 'Total', includeHidden: true });
  assert.equal(await total.innerText(), amount(totalOf(SHELF)));
  await page.getByRole('button', { name: 'Status: storage trouble', includeHidden: true }).waitFor();
}

function exact({ page }) {
  return page.getByRole('button', { name: 'Exact' });
}

/** Every sale that said "Paid" is there, each once, and nothing else. */
async function goesOn(till, paid) {
  const sold = (await allSales(till)).map(({ receipt }) => receipt);
  assert.deepEqual(sold.sort(), [...paid].sort());
  await till.page.getByRole('button', { name: /^Status: selling alone/ }).waitFor();
}
