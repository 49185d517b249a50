// What is on the belt when the browser ends: it comes back, is paid once, and does not come again.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { allSales, call, openApp } from './lib/console.mjs';
import { Server } from './lib/server.mjs';
import { OWNER, PIN, foundShop, startDevice } from './lib/shop.mjs';
import { SHELF, amount, clearCart, fillCart, openPayment, paidReceipt, stock, totalOf } from './lib/till.mjs';
import { until } from './lib/until.mjs';

const [TEA, RICE, SOAP] = SHELF;

let server, till;

before(async () => {
  server = await Server.start();
  till = await startDevice('open-carts');
  await foundShop(till, server.origin);
  await stock(till, SHELF);
  await open(till);
});

after(async () => {
  await till?.discard();
  await server?.kill();
});

test('after a crash the open cart and the one on hold are there, at the prices of now', async () => {
  await fillCart(till, [TEA, RICE]);
  await hold(till);
  await fillCart(till, [SOAP]);
  await endAndReopen();
  await comesTo([SOAP]);
  await sell();
  await resume(till);
  await comesTo([TEA, RICE]);
  const dearer = { ...TEA, minor: 399 };
  await stock(till, [dearer]);
  await endAndReopen();
  await comesTo([dearer, RICE]);
  await till.page.getByText('price changed, was 3.49').waitFor();
  await sell();
  await stock(till, [TEA]);
});

test('what was paid right before a crash does not come back', async () => {
  await fillCart(till, [TEA, RICE]);
  const earlier = (await allSales(till)).length;
  await (await openPayment(till)).click();
  await paidReceipt(till);
  await till.kill();
  await till.reopen();
  await open(till);
  // What is scanned comes behind what was brought back.
  await fillCart(till, [SOAP]);
  assert.equal((await allSales(till)).length, earlier + 1);
  await clearCart(till);
  assert.ok(await till.page.getByRole('button', { name: 'Hold', exact: true }).isDisabled(), 'no cart is on hold');
});

test('a cart goes along to the tab that takes over, and back, and is paid once', async () => {
  const earlier = (await allSales(till)).length;
  await fillCart(till, [TEA, RICE]);
  await toTheDisk();
  await openPayment(till);
  const second = { page: await till.context.newPage() };
  await second.page.goto(`${server.origin}/sell`);
  await takeOver(second);
  await comesTo([TEA, RICE], second);
  await sell(second);
  // The till was about to be paid when it was left: whatever it still shows of that is pressed.
  await till.page.evaluate(payWhatIsShown);
  await takeOver(till);
  await till.page.evaluate(() => window.pressing.disconnect());
  assert.equal((await allSales(till)).length, earlier + 1);
  await fillCart(till, [SOAP]);
  await second.page.close();
});

async function open(device) {
  await openApp(device, `${server.origin}/sell`);
  await call(device, 'signIn', { employee: OWNER, pin: PIN });
  await device.page.getByRole('tab', { name: 'Tiles' }).waitFor();
}

/** Ends every process of the browser, and opens the till again. */
async function endAndReopen() {
  await toTheDisk();
  await till.kill();
  await till.reopen();
  await open(till);
}

/** The device writes in order: once this is durable, so is what was asked for before. */
async function toTheDisk() {
  await stock(till, [{ code: 'LAST', name: `At ${Date.now()}`, minor: 1 }]);
}

async function hold({ page }) {
  await page.getByRole('button', { name: 'Hold', exact: true }).click();
}

async function resume({ page }) {
  await page.getByRole('button', { name: 'Held (1)' }).click();
}

async function takeOver({ page }) {
  await page.getByRole('button', { name: 'Take over here' }).click();
  await page.getByRole('tab', { name: 'Tiles' }).waitFor();
}

/** Runs in the page: takes a payment as soon as there is a button for it, faster than anybody. */
function payWhatIsShown() {
  const press = () => {
    for (const button of document.querySelectorAll('.pay-button:enabled, .pay-notes button:enabled')) button.click();
  };
  window.pressing = new MutationObserver(press);
  window.pressing.observe(document.body, { attributes: true, childList: true, subtree: true });
}

async function comesTo(basket, { page } = till) {
  const sum = page.getByRole('status', { name: 'Total' });
  await until(`the cart comes to ${amount(totalOf(basket))}`, async () => await sum.innerText() === amount(totalOf(basket)));
}

async function sell(device = till) {
  await (await openPayment(device)).click();
  await paidReceipt(device);
  await device.page.getByRole('button', { name: 'Next sale' }).click();
}
