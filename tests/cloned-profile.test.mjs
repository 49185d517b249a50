// A till's profile folder is copied and started beside its original: both take real money.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { agree, showsTheDay } from './lib/agreement.mjs';
import { allSales, call } from './lib/console.mjs';
import { Server } from './lib/server.mjs';
import { foundShop, goTo, letIn, openTill, startDevice } from './lib/shop.mjs';
import { SHELF, sellInConsole, sellOnScreen, stock } from './lib/till.mjs';
import { until } from './lib/until.mjs';

const BEFORE = 3;
const EACH = 10;
/** The two push each other out of the relay's room, and take turns in being linked, 4 to 8 s each. */
const AGREE_MS = 90_000;

let server, owner, till, copy;
/** What was sold so far, by whomever. */
const sold = [];

before(async () => {
  server = await Server.start();
  [owner, till] = await Promise.all([startDevice('owner'), startDevice('till')]);
  await foundShop(owner, server.origin);
  await stock(owner, SHELF);
  await letIn(owner, till, server.origin);
  await Promise.all([owner, till].map((device) => openTill(device, server.origin)));
  await goTo(owner, 'Today');
});

after(async () => {
  for (const device of [owner, till, copy]) await device?.discard();
  await server?.kill();
});

test('a copied till and its original both sell, and the owner counts all of it once', async () => {
  await sell(till, BEFORE);
  await showsTheDay(owner, sold);
  await till.close();
  copy = await till.copy('copy');
  await till.reopen();
  await Promise.all([till, copy].map((device) => openTill(device, server.origin)));
  await Promise.all([sell(till, EACH), sell(copy, EACH)]);
  await showsTheDay(owner, sold, AGREE_MS);
  await agree([owner, till, copy], AGREE_MS);
  const receipts = (await allSales(owner)).map((sale) => sale.receipt);
  assert.equal(new Set(receipts).size, BEFORE + 2 * EACH);
});

test('each is told, numbers its receipts apart from then on, and the owner reads what to do', async () => {
  const { device: { id } } = await call(till, 'status');
  for (const device of [owner, till, copy]) {
    await until(`${device.name} knows`, async () => {
      const { copied } = await call(device, 'status');
      return copied.length === 1 && copied[0] === id;
    });
  }
  const known = new Set((await allSales(owner)).map((sale) => sale.receipt));
  for (const device of [till, copy]) {
    await goTo(device, 'Sell');
    sold.push(SHELF);
    await sellOnScreen(device, SHELF);
  }
  await showsTheDay(owner, sold, AGREE_MS);
  const later = (await allSales(owner)).map((sale) => sale.receipt).filter((it) => !known.has(it));
  const codes = later.map((receipt) => receipt.split('-')[0]);
  assert.equal(new Set(codes).size, 2, `${codes}`);
  assert.ok(codes.every((code) => /^A2[A-Z2-7]{5}$/.test(code)), `${codes}`);
  await goTo(copy, 'Devices');
  await copy.page.getByText('This device runs twice').waitFor();
});

test('one button makes two devices of them, each with a number of its own', async () => {
  const { device: { id: before } } = await call(till, 'status');
  await goTo(owner, 'Devices');
  await owner.page.getByText('Till 2 runs on 2 machines').waitFor({ timeout: AGREE_MS });
  await owner.page.getByRole('button', { name: 'Make them separate devices' }).click();
  await owner.page.getByText('Till 2 runs on 2 machines').waitFor({ state: 'detached' });
  for (const device of [till, copy]) {
    // Nobody touches it: it loads itself anew once nothing is open on it.
    await until(`${device.name} is another device`, async () => {
      const status = await call(device, 'status').catch(() => undefined); // Loading itself anew.
      return status !== undefined && status.device.id !== before;
    }, AGREE_MS);
  }
  const known = new Set((await allSales(owner)).map((sale) => sale.receipt));
  for (const device of [till, copy]) {
    await goTo(device, 'Sell');
    sold.push(SHELF);
    await sellOnScreen(device, SHELF);
  }
  await goTo(owner, 'Today');
  await showsTheDay(owner, sold);
  await agree([owner, till, copy], AGREE_MS);
  const later = (await allSales(owner)).map((sale) => sale.receipt).filter((it) => !known.has(it));
  assert.deepEqual(later.map((receipt) => receipt.split('·')[0]).sort(), ['A3-000001', 'A4-000001']);
  for (const device of [owner, till, copy]) {
    assert.deepEqual((await call(device, 'status')).copied, [], device.name);
  }
});

async function sell(device, count) {
  const baskets = Array.from({ length: count }, () => SHELF);
  sold.push(...baskets);
  await sellInConsole(device, baskets);
}
