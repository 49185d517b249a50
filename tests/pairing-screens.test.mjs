// Pairing when people look at something else meanwhile, or think better of it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Server } from './lib/server.mjs';
import {
  SHOP, addDevice, checkCode, foundShop, goTo, handOver, join, showOffer, startDevice,
} from './lib/shop.mjs';
import { openApp } from './lib/console.mjs';

let server, owner;

before(async () => {
  server = await Server.start();
  owner = await startDevice('owner');
  await foundShop(owner, server.origin);
  await openApp(owner, `${server.origin}/devices`);
});

after(async () => {
  await owner?.discard();
  await server?.kill();
});

test('an owner who looks at the sales while the codes show finds the same code again', async (context) => {
  const till = await upToTheCodes(context, 'Till 2');
  const code = await checkCode(owner);
  await goTo(owner, 'Sales');
  await addDevice(owner);
  assert.equal(await checkCode(owner), code);
  assert.equal(await checkCode(till), code);
  await owner.page.getByRole('button', { name: 'Codes match: add this till' }).click();
  await owner.page.getByRole('heading', { name: 'Till 2 is in' }).waitFor();
  await owner.page.getByText('It is receiving prices, staff and settings').waitFor();
  await till.page.getByRole('heading', { name: `This device belongs to ${SHOP}` }).waitFor();
});

test('a newcomer that cancels ends it on both screens, and can begin again', async (context) => {
  const till = await upToTheCodes(context, 'Till 3');
  await till.page.getByRole('button', { name: 'Cancel pairing' }).click();
  await till.page.getByLabel('What this device is called').waitFor();
  await owner.page.getByRole('alert').waitFor();
  await owner.page.getByRole('button', { name: 'Use this card' }).waitFor();
  await join(owner, till, server.origin, { name: 'Till 3' });
});

test('an owner who cancels is asked for another card, and the newcomer is told', async (context) => {
  const till = await upToTheCodes(context, 'Till 4');
  await owner.page.getByRole('button', { name: 'Cancel pairing' }).click();
  await owner.page.getByRole('button', { name: 'Use this card' }).waitFor();
  await till.page.getByRole('alert').waitFor();
  await till.page.getByRole('button', { name: 'Start again' }).waitFor();
});

test('a newcomer that reads the answer can show its card again', async (context) => {
  const till = await start(context);
  await showOffer(till, server.origin, 'Till 5');
  await till.page.getByRole('button', { name: 'Next: scan the answer' }).click();
  await till.page.getByRole('button', { name: 'Show this card again' }).click();
  await till.page.getByRole('img', { name: 'Pairing card' }).waitFor();
});

async function start(context) {
  const till = await startDevice('till');
  context.after(() => till.discard());
  return till;
}

/** A newcomer and the owner, both with the check code on the screen. */
async function upToTheCodes(context, name) {
  const till = await start(context);
  await showOffer(till, server.origin, name);
  await addDevice(owner);
  await handOver(till, owner);
  await owner.page.getByRole('img', { name: 'Pairing card' }).waitFor();
  await till.page.getByRole('button', { name: 'Next: scan the answer' }).click();
  await handOver(owner, till);
  await checkCode(owner);
  await checkCode(till);
  return till;
}
