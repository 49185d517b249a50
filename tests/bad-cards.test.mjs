// Cards that people hold before the camera or paste by mistake: each is answered by a sentence that
// says what to do, nothing is changed, and the right cards still work.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { allSales, call, openApp } from './lib/console.mjs';
import { Server } from './lib/server.mjs';
import {
  addDevice, cardText, foundShop, goTo, join, passPermissions, pasteCard, showOffer, signInOnScreen, startDevice,
} from './lib/shop.mjs';
import { SHELF, sellOnScreen, stock } from './lib/till.mjs';
import { until } from './lib/until.mjs';

const NOT_A_CARD = 'That is not a TillMesh card. Scan the code on the other screen.';
const DAMAGED = 'The card was not read whole. Scan it again, or copy all of its text.';
const WRONG_SIDE = "That is this device's own card, or the wrong one for this step. Scan the code on the other screen.";
const FOREIGN = "That card belongs to another shop. Nothing was changed. Scan the code of your own shop's device.";

const EXPIRED = 'That card is older than 10 minutes. Make new cards on both screens.';
const BEYOND_ITS_LIFE = '10:01';

const NOTHING_LIKE_A_CARD = ['hello', '4006381333931', 'https://example.org/TILLMESH', 'x'.repeat(5_000)];

let server, owner, till, stranger;

before(async () => {
  server = await Server.start();
  [owner, till, stranger] = await Promise.all(['owner', 'till', 'stranger'].map((name) => startDevice(name)));
  await foundShop(owner, server.origin);
  await stock(owner, SHELF);
  await foundShop(stranger, server.origin, 'Another shop');
});

after(async () => {
  for (const device of [owner, till, stranger]) await device?.discard();
  await server?.kill();
});

test('the owner is told what is wrong with each card that is not one', async () => {
  await showOffer(till, server.origin, 'Till 2');
  const offer = await cardText(till);
  const answer = await call(owner, 'answer', await call(stranger, 'offer'));
  await openApp(owner, `${server.origin}/sell`);
  await addDevice(owner);
  await owner.page.getByRole('button', { name: 'Use this card' }).click();
  await owner.page.getByText("Paste the card's text first. It begins with TILLMESH.").waitFor();
  for (const text of NOTHING_LIKE_A_CARD) await refuses(owner, text, NOT_A_CARD);
  for (const text of [offer.slice(0, -1), offer.slice(0, offer.length / 2), `${offer.slice(0, -2)}00`]) {
    await refuses(owner, text, DAMAGED);
  }
  await refuses(owner, answer, WRONG_SIDE);
  assert.equal((await call(owner, 'devices')).length, 1);
});

test('the newcomer is told as well, and can start again each time', async () => {
  const offer = await cardText(till);
  const answer = await call(stranger, 'answer', offer, { name: 'Till 2', role: 'till' });
  const wrong = [
    ...NOTHING_LIKE_A_CARD.map((text) => [text, NOT_A_CARD]),
    [answer.slice(0, -1), DAMAGED], [offer, WRONG_SIDE],
  ];
  for (const [text, sentence] of wrong) {
    await till.page.getByRole('button', { name: 'Next: scan the answer' }).click();
    await refuses(till, text, sentence);
    await till.page.getByRole('button', { name: 'Start again' }).click();
  }
  await openApp(till, `${server.origin}/`);
  await assert.rejects(call(till, 'accept', answer), { code: 'card-used' }, 'no card waits for it now');
  assert.equal((await call(till, 'status')).shop, null);
});

test('a member that links again is told when the answer is another shop’s', async () => {
  await goTo(owner, 'Devices');
  await owner.page.getByRole('link', { name: 'Link again' }).click();
  await owner.page.getByText("Show this device's card").click();
  const answer = await call(stranger, 'answer', await cardText(owner), { name: 'Spy', role: 'till' });
  await owner.page.getByRole('button', { name: 'Next: scan the answer' }).click();
  await refuses(owner, answer, FOREIGN);
});

test('a card that was shown for too long lets nobody in, and a new one does', async (t) => {
  const late = await startDevice('late');
  t.after(() => late.discard());
  await late.page.clock.install(); // So that nobody has to wait for ten minutes.
  await showOffer(late, server.origin, 'Till 3');
  await addDevice(owner);
  await pasteCard(owner, await cardText(late));
  const answer = await cardText(owner);
  await late.page.clock.fastForward(BEYOND_ITS_LIFE);
  await late.page.getByRole('alert').getByText(EXPIRED).waitFor();
  await assert.rejects(call(late, 'accept', answer), { code: 'card-expired' });
  assert.equal((await call(late, 'status')).shop, null);

  // The owner's screen holds the answer to the card that nobody has any more.
  await owner.page.getByRole('button', { name: 'Cancel pairing' }).click();
  await goTo(owner, 'Devices');
  await join(owner, late, server.origin, { name: 'Till 3' });
  await sells(late);
});

test('after all that, the right cards let the till in, and it sells', async () => {
  await goTo(owner, 'Devices');
  const codes = await join(owner, till, server.origin);
  assert.equal(codes.till, codes.owner);
  await sells(till);
});

/** A device that was let in sells, and the owner hears of it. */
async function sells(device) {
  await device.page.getByRole('link', { name: 'Start selling' }).click();
  await passPermissions(device);
  await signInOnScreen(device);
  const receipt = await sellOnScreen(device, SHELF);
  await until('the owner has the sale', async () => (
    (await allSales(owner)).some((sale) => sale.receipt === receipt)
  ));
}

/** Pastes a text where a card is awaited, and waits for the sentence that refuses it. */
async function refuses(device, text, sentence) {
  await pasteCard(device, text);
  await device.page.getByRole('alert').getByText(sentence).waitFor();
}
