// What happens at a till with a queue: a slow disk, a scanner, a keyboard, a price that changes.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';

import { allSales, call, openApp } from './lib/console.mjs';
import { Server } from './lib/server.mjs';
import { OWNER, PIN, foundShop, goTo, startDevice } from './lib/shop.mjs';
import { SHELF, amount, clearCart, fillCart, openPayment, paidReceipt, stock, totalOf } from './lib/till.mjs';
import { SlowDisk } from './lib/transactions.mjs';
import { until } from './lib/until.mjs';

const [TEA, RICE, SOAP] = SHELF;
const BAG = { code: '4711', name: 'Bag', minor: 20 };
/** Longer than the pause before the Enter of a scanner. */
const BY_HAND_MS = 150;
const LEAFLET = { code: 'LEAF-1', name: 'Leaflet', minor: 0 };

let server, till, page, disk;

before(async () => {
  server = await Server.start();
  till = await startDevice('cashier');
  disk = await SlowDisk.of(till);
  await foundShop(till, server.origin);
  await stock(till, [...SHELF, BAG, LEAFLET]);
});

beforeEach(async () => {
  await openApp(till, `${server.origin}/sell`);
  await call(till, 'signIn', { employee: OWNER, pin: PIN });
  page = till.page;
  await page.getByRole('tab', { name: 'Tiles' }).waitFor();
  await clearCart(till);
});

after(async () => {
  await till?.discard();
  await server?.kill();
});

test('a cart is paid once, however slow the disk is and whatever is pressed meanwhile', async () => {
  const earlier = (await allSales(till)).length;
  await fillCart(till, [TEA]);
  const exact = await openPayment(till);
  await disk.hold();
  await exact.click();
  const sheet = page.getByRole('dialog', { name: 'Pay' });
  await sheet.getByRole('button', { name: 'Storing the sale' }).waitFor();
  for (const key of ['5', 'Enter', 'Escape', 'Escape', 'Escape']) await page.keyboard.press(key);
  await scan(RICE.code);
  assert.ok(await sheet.isVisible());
  assert.ok(await sheet.getByRole('button', { name: 'Close' }).isDisabled());
  await disk.release();
  await paidReceipt(till);
  await page.getByText('1 scan waits for the next sale.').waitFor();
  await page.getByRole('button', { name: 'Next sale' }).click();
  await comesTo([RICE]);
  assert.equal((await allSales(till)).length, earlier + 1);
});

test('a keyboard types what was received, Enter takes it, and a card pays what is due', async () => {
  await fillCart(till, [TEA]);
  await openPayment(till);
  await typeByHand('500');
  await shows('Received', '5.00');
  await page.keyboard.press('Backspace');
  await shows('Received', '0.50');
  await page.getByRole('radio', { name: 'Card' }).click();
  await shows('Received', '3.49');
  await page.getByRole('radio', { name: 'Cash' }).click();
  await shows('Received', '3.49');
  await typeByHand('1000');
  await page.keyboard.press('Enter');
  await paidReceipt(till);
  await shows('Change', '6.51');
});

test('what costs nothing is sold for nothing', async () => {
  await fillCart(till, [LEAFLET]);
  await (await openPayment(till)).click();
  await paidReceipt(till);
});

test('a short number is a scan, and no Enter of a burst presses what has the focus', async () => {
  await page.getByRole('button', { name: /^Rice/ }).click();
  await comesTo([RICE]);
  await scan(BAG.code);
  await comesTo([RICE, BAG]);
  await scan('12');
  await scan(TEA.code);
  await comesTo([RICE, BAG, TEA]);
});

test('a price that changes while a cart is open is the price that is paid, and the screen says so', async () => {
  await fillCart(till, [TEA, RICE]);
  const dearer = { ...TEA, minor: 399 };
  await stock(till, [dearer]);
  await page.getByText('price changed, was 3.49').waitFor();
  await comesTo([dearer, RICE]);
  const exact = await openPayment(till);
  await page.getByText('The price of Tea changed from 3.49 to 3.99.').waitFor();
  await exact.click();
  await paidReceipt(till);
});

test('a sale of this till that nobody else holds is only on this till', async () => {
  await goTo(till, 'Sales');
  await page.getByRole('list', { name: 'Sales' }).getByText('only on this till', { exact: true }).first().waitFor();
});

test('a name that is put right leaves a price alone that changed meanwhile', async () => {
  await goTo(till, 'Products');
  await page.getByRole('button', { name: /^Soap/ }).click();
  await stock(till, [{ ...SOAP, minor: 129 }]);
  const form = page.getByRole('dialog', { name: 'Change product' });
  await form.getByLabel('Name').fill('Green soap');
  await form.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: /^Green soap.*1\.29$/ }).waitFor();
});

/** Types as hands do: with pauses that no scanner makes. */
function typeByHand(keys) {
  return page.keyboard.type(keys, { delay: BY_HAND_MS });
}

/** Waits until a figure on the payment sheet reads like this. */
async function shows(name, figure) {
  const output = page.getByRole('dialog').getByRole('status', { name });
  await until(`${name} is ${figure}`, async () => await output.innerText() === figure);
}

/** Types as a scanner does. */
async function scan(code) {
  await page.keyboard.type(code);
  await page.keyboard.press('Enter');
}

/** Waits until the cart comes to the sum of a basket. */
async function comesTo(basket) {
  const sum = page.getByRole('status', { name: 'Total' });
  await until(`the cart comes to ${amount(totalOf(basket))}`, async () => await sum.innerText() === amount(totalOf(basket)));
}
