// A cable that is cut while a till sells: what comes back by itself, and what needs two cards.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { agree, showsTheDay } from './lib/agreement.mjs';
import { connectionsOf } from './lib/connections.mjs';
import { call } from './lib/console.mjs';
import { baskets as carried, groceries, priceList } from './lib/data.mjs';
import { Network } from './lib/network.mjs';
import { Server } from './lib/server.mjs';
import { foundShop, goTo, join, linkAgain, passPermissions, signInOnScreen, startDevice } from './lib/shop.mjs';
import { sellInConsole } from './lib/till.mjs';
import { throughout, until } from './lib/until.mjs';

/** Sold during each cut: one half before anybody can know of it, one half after. */
const HALF = 100;
/** The app gives a link up after 10 s of silence; the browser alone would after 16 s. */
const LOSS_MS_MAX = 40_000;
/** Both the app and the network wait longer from try to try; most returns take 1 to 8 s. */
const RETURN_MS_MAX = 90_000;
/** Longer than it takes them with a relay. */
const APART_MS = 15_000;
const LINKED = /^Status: (in step|linked) with 1 lane/;
const ALONE = /^Status: selling alone/;
const skip = Network.lack() ?? false;

let network, server, owner, till;
/** What was sold so far. */
const sold = [];

before(async () => {
  if (skip) return;
  network = new Network();
  const [office, shop] = network.places;
  server = await Server.start({ place: office, address: office.address });
  // What a certificate does for a shop: only a secure page has the keys and the camera.
  const secure = `--unsafely-treat-insecure-origin-as-secure=${server.origin}`;
  [owner, till] = await Promise.all([
    startDevice('owner', { place: office, arguments: [secure] }),
    startDevice('till', { place: shop, arguments: [secure] }),
  ]);
  await foundShop(owner, server.origin);
  await call(owner, 'importCatalogue', priceList());
  await join(owner, till, server.origin);
  await till.page.getByRole('link', { name: 'Start selling' }).click();
  await passPermissions(till);
  await signInOnScreen(till);
  await sell(HALF);
  await goTo(owner, 'Today');
  await areEqual();
});

after(async () => {
  await owner?.discard();
  await till?.discard();
  await server?.kill();
  network?.discard();
});

test('with the relay there, a till that was cut off comes back by itself with all that it sold', { skip }, async (context) => {
  await sellThroughCut(context);
  const mended = mendNow();
  await isShown(LINKED, RETURN_MS_MAX);
  tell(context, mended, 'mending', 'both screens say that they are linked');
  await areEqual();
  tell(context, mended, 'mending', 'both devices are equal');
});

test('with no relay they stay apart until two cards link them again', { skip }, async (context) => {
  await server.stop();
  await sellThroughCut(context);
  const mended = mendNow();
  await throughout('both are alone', async () => (
    (await Promise.all([owner, till].map(isAlone))).every(Boolean)
  ), APART_MS);
  tell(context, mended, 'mending', 'they are still apart');
  const asked = performance.now();
  await linkAgain(till, owner);
  tell(context, asked, 'opening Devices', 'the two cards have linked them again');
  await isShown(LINKED, RETURN_MS_MAX);
  await goTo(owner, 'Today');
  await areEqual();
  tell(context, asked, 'opening Devices', 'both devices are equal');
});

/** Cuts the cable, sells on until both screens say that the other is gone, and sells on. */
async function sellThroughCut(context) {
  network.cut();
  const cut = performance.now();
  await sell(HALF);
  tell(context, cut, 'the cut', `${HALF} are sold`);
  await isShown(ALONE, LOSS_MS_MAX);
  await until('no connection is left on either side', async () => {
    const held = (await Promise.all([owner, till].map(connectionsOf))).flat();
    return held.every(({ state }) => !['connected', 'disconnected'].includes(state));
  }, LOSS_MS_MAX);
  tell(context, cut, 'the cut', 'both screens say that the other one is lost');
  await sell(HALF);
  tell(context, cut, 'the cut', `${2 * HALF} are sold`);
}

function mendNow() {
  network.mend();
  return performance.now();
}

/** Sells the next baskets on the till, through its console. */
async function sell(count) {
  const shelf = groceries();
  const baskets = carried(sold.length + count).slice(sold.length)
    .map((names) => names.map((name) => shelf.get(name)));
  assert.equal(baskets.length, count);
  const receipts = (await sellInConsole(till, baskets)).map(({ receipt }) => receipt);
  assert.equal(new Set(receipts).size, count);
  sold.push(...baskets);
}

/** Waits until the owner's screen shows what the test has counted, and both states are one. */
async function areEqual() {
  await showsTheDay(owner, sold, RETURN_MS_MAX);
  await agree([owner, till], RETURN_MS_MAX);
  for (const device of [owner, till]) {
    const { sales, quarantined } = await call(device, 'counts');
    assert.deepEqual({ sales, quarantined }, { sales: sold.length, quarantined: 0 });
  }
}

const pill = ({ page }, words) => page.getByRole('button', { name: words });
const isAlone = (device) => pill(device, ALONE).isVisible();

/** Waits until the pill says this on both screens. */
async function isShown(words, timeout) {
  await Promise.all([owner, till].map((device) => pill(device, words).waitFor({ timeout })));
}

function tell(context, start, since, what) {
  const seconds = ((performance.now() - start) / 1_000).toFixed(1);
  context.diagnostic(`${seconds} s after ${since}: ${what}`);
}
