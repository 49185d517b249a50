// Somebody signs in at a till while the shop goes on: what is typed stays typed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { agree } from './lib/agreement.mjs';
import { call, openApp } from './lib/console.mjs';
import { Server } from './lib/server.mjs';
import { OWNER, PIN, foundShop, letIn, startDevice } from './lib/shop.mjs';
import { SHELF, stock } from './lib/till.mjs';

let server, owner, till;

before(async () => {
  server = await Server.start();
  [owner, till] = await Promise.all(['owner', 'till'].map((name) => startDevice(name)));
  await foundShop(owner, server.origin);
  await stock(owner, SHELF);
  await letIn(owner, till, server.origin);
  await agree([owner, till]);
});

after(async () => {
  await Promise.all([owner, till].map((device) => device?.discard()));
  await server?.kill();
});

test('digits of a PIN stay when the owner changes a price and takes somebody on meanwhile', async () => {
  const { page } = till;
  await openApp(till, `${server.origin}/sell`);
  await page.getByRole('heading', { name: `PIN of ${OWNER}` }).waitFor();
  const pad = page.getByRole('group', { name: 'Keypad' });
  const press = (digit) => pad.getByRole('button', { name: digit, exact: true }).click();
  for (const digit of PIN.slice(0, 2)) await press(digit);
  await call(owner, 'setProduct', { sku: SHELF[0].code, price_minor: 399 });
  await call(owner, 'setEmployee', { name: 'Bo', role: 'cashier', pin: '1357' });
  await agree([owner, till]);
  // It has been drawn: there is somebody else now.
  await page.getByRole('button', { name: 'Somebody else' }).waitFor();
  assert.ok(await page.getByRole('status', { name: '2 digits of the PIN typed' }).isVisible());
  for (const digit of PIN.slice(2)) await press(digit);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('tab', { name: 'Tiles' }).waitFor();
});

test('who may not sign in any more is not asked for a PIN', async () => {
  const { page } = till;
  await call(owner, 'setEmployee', { name: 'Cy', role: 'cashier', pin: '2468' });
  await agree([owner, till]);
  await call(till, 'signOut');
  await page.getByRole('button', { name: 'Bo', exact: true }).click();
  await page.getByRole('heading', { name: 'PIN of Bo' }).waitFor();
  const staff = await call(owner, 'employees');
  const { id } = staff.find(({ name }) => name === 'Bo');
  await call(owner, 'setActive', { employee: id, active: false });
  await page.getByRole('heading', { name: 'Who is selling?' }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Bo', exact: true }).count(), 0);
});
