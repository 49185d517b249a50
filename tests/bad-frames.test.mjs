// A member whose device was tampered with: what it sends is cut, forged, said again, or written by
// a stranger. The owner is told, nothing changes, both sell on, and the link mends by itself.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { attack, mayAttack, ownSales } from './lib/attacker.mjs';
import { allSales, call, openApp } from './lib/console.mjs';
import { byAStranger } from './lib/forgery.mjs';
import { Server } from './lib/server.mjs';
import { foundShop, goTo, join, passPermissions, signInOnScreen, startDevice } from './lib/shop.mjs';
import { SHELF, sellOnScreen, stock } from './lib/till.mjs';
import { until } from './lib/until.mjs';

const UNREADABLE = /^Till 2 sent something that can’t be read \(\d\d:\d\d\)\. It was thrown away and the link closed; it is made anew by itself\. Nothing here changed\. If it goes on, reload the app on Till 2\.$/;
const UNPROVEN = /^Somebody who claimed to be Till 2 could not prove it \(\d\d:\d\d\)\. The link was closed\. Nothing was shared, and nothing here changed\.$/;
const UNSIGNED = /^Till 2 passed on entries that their author did not sign \(\d\d:\d\d\)\. They were thrown away and the link closed; it is made anew by itself\. Nothing here changed\. If it goes on, look at who uses Till 2\.$/;
const STRANGER = '1 entry is set aside: nobody has let in the device that wrote this, or its key has not come yet. '
  + 'Until then it counts for nothing here.';
const NOTHING_WAITS = 'Nothing waits. Every device has what this one has.';

let server, owner, till;

before(async () => {
  server = await Server.start();
  [owner, till] = await Promise.all(['owner', 'turned'].map((name) => startDevice(name)));
  await mayAttack(till);
  await foundShop(owner, server.origin);
  await stock(owner, SHELF);
  await openApp(owner, `${server.origin}/sell`);
  await join(owner, till, server.origin);
  await till.page.getByRole('link', { name: 'Start selling' }).click();
  await passPermissions(till);
  await signInOnScreen(till);
  await goTo(owner, 'Devices');
  await agreed();
});

after(async () => {
  for (const device of [owner, till]) await device?.discard();
  await server?.kill();
});

for (const [what, mode, sentence] of [
  ['cut short', 'cut', UNREADABLE],
  ['with a wrong signature', 'forge', UNSIGNED],
]) {
  test(`segments ${what} are thrown away, and the owner is told`, async () => {
    const unharmed = await state();
    await attack(till, mode);
    const receipt = await sellOnScreen(till, SHELF);
    await told(sentence);
    assert.deepEqual(await state(), unharmed);
    await sellsOn(receipt);
  });
}

test('what was said on an earlier link proves nothing on the next', async () => {
  const unharmed = await state();
  await attack(till, 'recorded');
  await call(owner, 'disconnect', await tillId());
  await told(UNPROVEN);
  assert.deepEqual(await state(), unharmed);
  await sellsOn(await sellOnScreen(till, SHELF));
});

test('a segment that comes twice counts once', async () => {
  await attack(till, 'twice');
  const duplicates = await counted('duplicates');
  const receipt = await sellOnScreen(till, SHELF);
  await until('the second one came and was dropped', async () => await counted('duplicates') > duplicates);
  await sellsOn(receipt);
});

test('a segment of a device that was never let in is set aside', async () => {
  const unharmed = await state();
  const author = await tillId();
  const segment = (await ownSales(till, author)).at(-1);
  await attack(till, 'replace', byAStranger(segment, author));
  const receipt = await sellOnScreen(till, SHELF);
  await owner.page.getByText(STRANGER).waitFor();
  assert.deepEqual(await state(), unharmed);
  // The till's own sale went missing for it. Devices compare every ten minutes, or when told to.
  await attack(till, 'none');
  await compareNow(till);
  await sellsOn(receipt);
});

/** Both sell; once the till behaves again, both hold each sale once. */
async function sellsOn(receipt) {
  await goTo(owner, 'Sell');
  const receipts = [receipt, await sellOnScreen(owner, SHELF)];
  await attack(till, 'none');
  receipts.push(await sellOnScreen(till, SHELF));
  await goTo(owner, 'Devices');
  await agreed();
  for (const device of [owner, till]) {
    const held = (await allSales(device)).map((sale) => sale.receipt);
    for (const one of receipts) assert.equal(held.filter((other) => other === one).length, 1, device.name);
  }
  await owner.page.getByText(NOTHING_WAITS).waitFor();
}

async function compareNow({ page }) {
  await page.getByRole('button', { name: /^Status: / }).click();
  await page.getByRole('button', { name: 'Compare now' }).click();
  await page.keyboard.press('Escape');
}

/** The owner reads the sentence on Devices, and clears it. */
async function told(sentence) {
  await owner.page.getByRole('status').getByText(sentence).waitFor();
  await owner.page.getByRole('button', { name: 'I have read this' }).click();
}

async function state() {
  const { hash, judged } = await call(owner, 'stateHash');
  return { hash, judged };
}

function agreed() {
  return until('owner and till show one state', async () => {
    const [ours, theirs] = await Promise.all([owner, till].map((device) => call(device, 'stateHash')));
    return ours.hash === theirs.hash;
  }, 60_000);
}

async function tillId() {
  return (await call(owner, 'devices')).find(({ name }) => name === 'Till 2').deviceId;
}

async function counted(what) {
  return (await call(owner, 'metrics'))[what] ?? 0;
}
