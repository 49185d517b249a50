// The twelve words are shown once: whoever loses that page is told, and asked until they are typed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { openApp } from './lib/console.mjs';
import { Server } from './lib/server.mjs';
import { createShopOnScreen, foundShopOnScreen, goTo, startDevice } from './lib/shop.mjs';

/** Of another shop: the first test vector of BIP-39. */
const OTHER_WORDS = `${'abandon '.repeat(11)}about`;
const CONFIRM = 'Confirm the twelve words';

let server;

before(async () => {
  server = await Server.start();
});

after(async () => {
  await server?.kill();
});

test('words that are lost to a reload are asked for until somebody types them', async (context) => {
  const device = await start(context);
  const { page } = device;
  const words = await createShopOnScreen(device, server.origin);
  assert.equal(words.length, 12);
  assert.equal(await page.evaluate(() => window.asked), 1, 'the browser was asked to keep the shop first');
  await openApp(device, page.url());
  await page.getByRole('heading', { name: 'Are the twelve words on paper?' }).waitFor();
  await page.getByText('While the shop is still empty').waitFor();
  await page.getByRole('link', { name: 'Continue' }).click();
  await goTo(device, 'More');
  await page.getByRole('alert').getByRole('link', { name: CONFIRM }).click();
  await type(page, OTHER_WORDS);
  await page.getByText('These are the words of another shop.').waitFor();
  await type(page, words.join(' '));
  await page.getByText('These are the words of this shop.').waitFor();
  await openApp(device, `${server.origin}/more`);
  await page.getByRole('heading', { name: 'More' }).waitFor();
  assert.equal(await page.getByRole('link', { name: CONFIRM }).count(), 0);
});

test('words of which two were typed back are asked for no more', async (context) => {
  const device = await start(context);
  await foundShopOnScreen(device, server.origin);
  await goTo(device, 'More');
  assert.equal(await device.page.getByRole('link', { name: CONFIRM }).count(), 0);
});

test('a device without a shop says where the words can be used', async (context) => {
  const device = await start(context);
  const { page } = device;
  await openApp(device, server.origin);
  await page.getByRole('link', { name: 'I have the twelve recovery words' }).click();
  await page.getByText('This device belongs to no shop').waitFor();
  assert.equal(await page.getByLabel('The twelve words').count(), 0);
});

/** A device that counts how often its browser is asked to keep the data. */
async function start(context) {
  const device = await startDevice('words');
  context.after(() => device.discard());
  await device.context.addInitScript(() => {
    window.asked = 0;
    const { persist } = StorageManager.prototype;
    StorageManager.prototype.persist = function counted() {
      window.asked += 1;
      return persist.call(this);
    };
  });
  return device;
}

async function type(page, words) {
  await page.getByLabel('The twelve words').fill(words);
  await page.getByRole('button', { name: 'Check the words' }).click();
}
