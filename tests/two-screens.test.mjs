// The first day of a shop: two devices, each a browser of its own, and soon no server at all.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { agree, showsTheDay } from './lib/agreement.mjs';
import { Camera } from './lib/camera.mjs';
import { openConnection } from './lib/connections.mjs';
import { call } from './lib/console.mjs';
import { baskets as carried, groceries, hasData, priceList, realCatalogue } from './lib/data.mjs';
import { isLong } from './lib/environment.mjs';
import { Server } from './lib/server.mjs';
import { foundShopOnScreen, goTo, join, passPermissions, signInOnScreen, startDevice } from './lib/shop.mjs';
import { sellInConsole, sellOnScreen } from './lib/till.mjs';
import { until } from './lib/until.mjs';

const ON_SCREEN = isLong ? 50 : 20;
const IN_CONSOLE = isLong ? 1_000 : 200;
const ARRIVAL_MS = isLong ? 120_000 : 30_000;
/** No sale is smaller: its number, its time, who sold, its total, one product and what was paid. */
const SALE_BYTES_MIN = 32;
/** Far above what a sale needs: more would mean that sales are sent again and again. */
const SALE_BYTES_MAX = 4_096;
/** Heartbeats between asking one end and the other, packets that were sent twice. */
const UNEQUAL_SHARE_MAX = 0.02;

let server, owner, till, cameras;

before(async () => {
  cameras = { owner: new Camera(), till: new Camera() };
  server = await Server.start();
  [owner, till] = await Promise.all([
    startDevice('owner', { camera: cameras.owner }),
    startDevice('till', { camera: cameras.till }),
  ]);
});

after(async () => {
  await owner?.discard();
  await till?.discard();
  await server?.kill();
  for (const camera of Object.values(cameras ?? {})) camera.discard();
});

test('an owner founds a shop on the screens and brings the catalogue in', async () => {
  const words = await foundShopOnScreen(owner, server.origin);
  assert.equal(words.length, 12);
  const prices = await call(owner, 'importCatalogue', priceList());
  assert.equal(prices.added, groceries().size);
  assert.deepEqual(prices.errors, []);
  if (!hasData()) return;
  const { text, rows, badDigits } = realCatalogue();
  const catalogue = await call(owner, 'importCatalogue', text);
  assert.deepEqual(catalogue.errors, []);
  assert.equal(catalogue.added, rows);
  const wrong = catalogue.warnings.filter(({ reason }) => /^The check digit of barcode \d+ is wrong\.$/.test(reason));
  assert.equal(wrong.length, badDigits);
  assert.equal(wrong.length, catalogue.warnings.length);
  assert.equal((await call(owner, 'counts')).products, prices.added + rows);
});

test('a till is let in by two pictures of two screens', async () => {
  const codes = await join(owner, till, server.origin, { cameras });
  assert.match(codes.owner, /\d/);
  assert.equal(codes.till, codes.owner);
  await till.page.getByRole('link', { name: 'Start selling' }).click();
  await passPermissions(till);
  await signInOnScreen(till);
});

test('with no server left, the owner reads the till’s day from the screen', async (context) => {
  await server.stop();
  const start = await carriedOver();
  const baskets = realBaskets(ON_SCREEN + IN_CONSOLE);
  const receipts = new Set();
  for (const basket of baskets.slice(0, ON_SCREEN)) receipts.add(await sellOnScreen(till, basket));
  for (const sold of await sellInConsole(till, baskets.slice(ON_SCREEN))) receipts.add(sold.receipt);
  assert.equal(receipts.size, baskets.length, 'each sale has a receipt number of its own');
  await goTo(owner, 'Today');
  await showsTheDay(owner, baskets, ARRIVAL_MS);
  await agree([owner, till]);
  for (const device of [owner, till]) {
    assert.equal((await call(device, 'counts')).sales, baskets.length);
    assert.equal((await call(device, 'counts')).quarantined, 0);
  }
  checkBytes(context, baskets.length, start, await carriedOver());
});

/** What `getStats` of both ends says that the till has sent and the owner has received. */
async function carriedOver() {
  const [sending, receiving] = await Promise.all([till, owner].map(openConnection));
  return [
    { what: 'data channels', sent: sending.channels.sent, received: receiving.channels.received },
    { what: 'transport', sent: sending.transport.sent, received: receiving.transport.received },
  ];
}

/** The sales went over this connection, once: what one end has sent the other has received. */
function checkBytes(context, sales, start, end) {
  end.forEach(({ what, sent, received }, i) => {
    const [gone, come] = [sent - start[i].sent, received - start[i].received];
    const said = `${what}: ${gone} bytes sent, ${come} received for ${sales} sales`;
    context.diagnostic(`${said}, ${(come / sales).toFixed(0)} per sale`);
    for (const bytes of [gone, come]) {
      assert.ok(bytes > sales * SALE_BYTES_MIN, `${said}: too few`);
      assert.ok(bytes < sales * SALE_BYTES_MAX, `${said}: too many`);
    }
    assert.ok(Math.abs(gone - come) <= gone * UNEQUAL_SHARE_MAX, `${said}: too unequal`);
  });
}

/** Baskets as people carried them, as lists of `{ code, minor }`. */
function realBaskets(count) {
  const shelf = groceries();
  return carried(count).map((names) => names.map((name) => shelf.get(name)));
}
