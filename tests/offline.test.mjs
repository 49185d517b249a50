// No server and a browser that was just started: the till opens, sells and prints all the same.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { allSales, openApp } from './lib/console.mjs';
import { Server } from './lib/server.mjs';
import { SHOP, foundShop, goTo, signInOnScreen, startDevice } from './lib/shop.mjs';
import { SHELF, amount, fillCart, openPayment, paidReceipt, stock, totalOf } from './lib/till.mjs';
import { until } from './lib/until.mjs';

let server, till;

before(async () => {
  server = await Server.start();
  till = await startDevice('offline');
  await foundShop(till, server.origin);
  await stock(till, SHELF);
  await until('the app is kept for days without a network', () => till.page.evaluate(() => (
    navigator.serviceWorker.ready.then(({ active }) => active.state === 'activated')
  )));
  await server.stop();
});

after(async () => {
  await till?.discard();
  await server?.kill();
});

for (const place of ['Sales', 'Sell', 'Today']) {
  const path = `/${place.toLowerCase()}`;
  test(`${path} opens after a restart without a network, and the till sells and prints`, async () => {
    await till.close();
    await till.reopen();
    await countPrints(till);
    await openApp(till, server.origin + path);
    await signInOnScreen(till);
    await till.page.getByRole('heading', { name: place, exact: true }).waitFor({ state: 'attached' });
    assert.equal(new URL(till.page.url()).pathname, path);
    if (place !== 'Sell') await goTo(till, 'Sell');
    const before = await allSales(till);
    await fillCart(till, SHELF);
    await (await openPayment(till)).click();
    const number = await paidReceipt(till);
    const receipt = await till.page.getByRole('article', { name: 'Receipt' }).innerText();
    for (const part of [SHOP, number, amount(totalOf(SHELF)), ...SHELF.map(({ name }) => name)]) {
      assert.ok(receipt.includes(part), `the receipt says ${part}: ${receipt}`);
    }
    await till.page.getByRole('button', { name: 'Print receipt' }).click();
    assert.equal(await till.page.evaluate(() => window.printed), 1);
    const sales = await allSales(till);
    assert.equal(sales.length, before.length + 1);
    assert.equal(sales[0].receipt, number);
  });
}

/** Counts what is sent to the printer, in the place of the browser's own window for it. */
function countPrints({ context }) {
  return context.addInitScript(() => {
    window.printed = 0;
    window.print = () => { window.printed += 1; };
  });
}
