// Wrong PINs: a wait for one person that no reload shortens, while the others sell on.
import { after, before, test } from 'node:test';

import { call, openApp } from './lib/console.mjs';
import { Server } from './lib/server.mjs';
import { foundShop, goTo, signInOnScreen, startDevice, typePin } from './lib/shop.mjs';
import { SHELF, sellOnScreen, stock } from './lib/till.mjs';

const FREE_TRIES = 5;
const WAIT = /^Too many wrong PINs\. Try again in \d+ seconds\.$/;

let server, owner;

before(async () => {
  server = await Server.start();
  owner = await startDevice('owner');
  await foundShop(owner, server.origin);
  await stock(owner, SHELF);
  await call(owner, 'setEmployee', { name: 'Bo', role: 'cashier', pin: '1357' });
  await openApp(owner, `${server.origin}/sell`);
  await signInOnScreen(owner);
});

after(async () => {
  await owner?.discard();
  await server?.kill();
});

test('five wrong PINs bring a wait, for the right one too, and a reload does not end it', async () => {
  const { page } = owner;
  await goTo(owner, 'More');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'Bo' }).click();
  for (let wrong = 0; wrong < FREE_TRIES; wrong += 1) {
    await typePin(owner, '9999', 'Bo');
    await page.getByText('That PIN is not right.').waitFor();
  }
  await typePin(owner, '9999', 'Bo');
  await page.getByText(WAIT).waitFor();
  await openApp(owner, `${server.origin}/sell`);
  await page.getByRole('button', { name: 'Bo' }).click();
  await typePin(owner, '1357', 'Bo');
  await page.getByText(WAIT).waitFor();
  await page.getByRole('button', { name: 'Somebody else' }).click();
  await page.getByRole('button', { name: 'Ada' }).click();
  await signInOnScreen(owner);
  await goTo(owner, 'Sell');
  await sellOnScreen(owner, SHELF);
});
