// What an owner does on the screens between sales: products, and who works here.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { call, openApp } from './lib/console.mjs';
import { Server } from './lib/server.mjs';
import { OWNER, PIN, foundShop, goTo, startDevice } from './lib/shop.mjs';
import { SHELF, stock } from './lib/till.mjs';

const [TEA] = SHELF;
const BEA = { name: 'Bea', pin: '1357' };

let server, owner, page;

before(async () => {
  server = await Server.start();
  owner = await startDevice('owner');
  await foundShop(owner, server.origin);
  await stock(owner, SHELF);
  await openApp(owner, `${server.origin}/products`);
  ({ page } = owner);
});

after(async () => {
  await owner?.discard();
  await server?.kill();
});

test('a code that another product has is refused, and one tap opens that product', async () => {
  await goTo(owner, 'Products');
  await page.getByRole('button', { name: 'Add a product' }).click();
  const adding = page.getByRole('dialog', { name: 'Add a product' });
  await adding.getByLabel('Name').fill('Coffee');
  await adding.getByLabel('Price').fill('4.50');
  await adding.getByLabel('Code (SKU)').fill(TEA.code);
  await adding.getByRole('button', { name: 'Save' }).click();
  await adding.getByRole('alert').getByText(`has the code ${TEA.code} already`).waitFor();
  await adding.getByRole('button', { name: 'Open “Tea”' }).click();
  const changing = page.getByRole('dialog', { name: 'Change product' });
  assert.equal(await changing.getByLabel('Name').inputValue(), 'Tea');
  const [tea] = await call(owner, 'products', { search: TEA.code, offset: 0, limit: 1 });
  assert.equal(tea.name, 'Tea');
  await page.keyboard.press('Escape');
});

test('who no longer works here is asked for once, cannot sign in, and can be taken back', async () => {
  await goTo(owner, 'Staff');
  await page.getByRole('button', { name: 'Add an employee' }).click();
  await page.getByLabel('Name').fill(BEA.name);
  await page.getByLabel('PIN, 4 to 8 digits').fill(BEA.pin);
  await page.getByRole('button', { name: 'Save' }).click();
  const row = page.getByRole('list', { name: 'Staff' }).getByRole('button', { name: BEA.name });
  await row.click();
  await page.getByRole('button', { name: 'No longer works here' }).click();
  await page.getByText("Bea will not be able to sign in any more").waitFor();
  await page.getByRole('button', { name: 'Leave it as it is' }).click();
  await page.getByRole('button', { name: 'No longer works here' }).click();
  await page.getByRole('button', { name: 'End the access' }).click();
  await row.getByText('cannot sign in').waitFor();
  await assert.rejects(call(owner, 'signIn', { employee: BEA.name, pin: BEA.pin }));
  await row.click();
  await page.getByRole('button', { name: 'Works here again' }).click();
  await row.getByText('cannot sign in').waitFor({ state: 'detached' });
  await call(owner, 'signIn', { employee: BEA.name, pin: BEA.pin });
});

test('the only owner cannot be locked out', async () => {
  await goTo(owner, 'More');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await openApp(owner, `${server.origin}/staff`);
  await call(owner, 'signIn', { employee: OWNER, pin: PIN });
  await page.getByRole('list', { name: 'Staff' }).getByRole('button', { name: OWNER }).click();
  await page.getByRole('button', { name: 'No longer works here' }).click();
  await page.getByRole('button', { name: 'End the access' }).click();
  await page.getByRole('alert').getByText('the only owner').waitFor();
});
