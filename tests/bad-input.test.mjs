// What people hold before the camera, paste and type by mistake: each is answered by a sentence
// that says what to do, nothing is changed, and the shop goes on.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { allSales, call, openApp } from './lib/console.mjs';
import { Server } from './lib/server.mjs';
import {
  addDevice, cardText, foundShop, goTo, join, passPermissions, pasteCard, showOffer, signInOnScreen, startDevice, typePin,
} from './lib/shop.mjs';
import { SHELF, fillCart, sellOnScreen, stock } from './lib/till.mjs';
import { until } from './lib/until.mjs';

const NOT_A_CARD = 'That is not a TillMesh card. Scan the code on the other screen.';
const DAMAGED = 'The card was not read whole. Scan it again, or copy all of its text.';
const WRONG_SIDE = "That is this device's own card, or the wrong one for this step. Scan the code on the other screen.";
const FOREIGN = "That card belongs to another shop. Nothing was changed. Scan the code of your own shop's device.";

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

test('after all that, the right cards let the till in, and it sells', async () => {
  await goTo(owner, 'Devices');
  const codes = await join(owner, till, server.origin);
  assert.equal(codes.till, codes.owner);
  await till.page.getByRole('link', { name: 'Start selling' }).click();
  await passPermissions(till);
  await signInOnScreen(till);
  const receipt = await sellOnScreen(till, SHELF);
  await until('the owner has the sale', async () => (
    (await allSales(owner)).some((sale) => sale.receipt === receipt)
  ));
});

const LONG_CODE = '9'.repeat(200);
const LIST = `\uFEFFsku,name,price,barcode,colour
A1,"Beans, red",2.50,4006381333931,red
A2,Salt &amp; Pepper,1.20,7,white
A3,Long code,1.00,${LONG_CODE},
A4,Negative,-1.00,,
A5,,1.00,,
,No code,1.00,,
A6,Words,cheap,,
A7,No price,,,
A8,"He said ""two"", twice",3.00,4006381333932,
A9,Short,2.00
`;
const LEFT_OUT = [
  ['4', 'A barcode has 1 to 64 printable characters; this one has 200.'],
  ['5', 'The price -1.00 is negative.'],
  ['6', 'The name is missing.'],
  ['7', 'There is neither a SKU nor a barcode.'],
  ['8', /^The price can’t be read: .+\.$/],
];
const TAKEN = [
  ['1', 'Column “colour” was passed over.'],
  ['9', 'There is no price, so it can’t be sold yet.'],
  ['10', 'The check digit of barcode 4006381333932 is wrong.'],
  ['11', 'The line has fewer cells than the header.'],
];

test('a messy list is read line by line: what is good goes in, the rest is named', async () => {
  const { page } = owner;
  await goTo(owner, 'Products');
  await page.getByRole('link', { name: 'Import' }).click();
  for (const [list, sentence] of [
    ['price,colour\n1,2', 'There is no column “sku” or “barcode”, so products can’t be told apart.'],
    ['sku,price\nA,1', 'There is no column “name”.'],
    ['\u0000\u0001\u0002', 'There is no column “sku” or “barcode”, so products can’t be told apart.'],
  ]) {
    await page.getByLabel('Or paste the lines').fill(list);
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.getByRole('region', { name: 'Left out' }).getByText(sentence).waitFor();
    await page.getByText('There is nothing to import in it.').waitFor();
    await page.getByRole('button', { name: 'Import another list' }).click();
  }
  await page.getByLabel('Choose a file').setInputFiles({
    name: 'list.csv', mimeType: 'text/csv', buffer: Buffer.from(LIST),
  });
  await matches('Left out', LEFT_OUT);
  await matches('Taken, but look at these', TAKEN);
  await page.getByRole('button', { name: 'Import 5 products' }).click();
  await page.getByRole('heading', { name: 'Imported' }).waitFor();
  const names = (await call(owner, 'products', { limit: 100 })).map(({ name }) => name);
  for (const name of ['Beans, red', 'Salt & Pepper', 'He said "two", twice', 'Short', 'No price']) {
    assert.ok(names.includes(name), `${name} is among ${names}`);
  }
  assert.equal(names.length, SHELF.length + 5);
  await goTo(owner, 'Sell');
  await sellOnScreen(owner, [{ code: '7', minor: 120 }, { code: '4006381333931', minor: 250 }]);
});

test('a code that nobody knows is set aside, and the sale goes on', async () => {
  await fillCart(owner, []);
  for (const code of ['0000000000000', LONG_CODE]) {
    await owner.page.getByLabel('Code or short number').fill(code);
    await owner.page.getByLabel('Code or short number').press('Enter');
    await owner.page.getByText(code).first().waitFor();
  }
  await sellOnScreen(owner, SHELF);
});

test('wrong PINs bring a wait for one person, and the others sell on', async () => {
  const { page } = owner;
  await call(owner, 'setEmployee', { name: 'Bo', role: 'cashier', pin: '1357' });
  await signOut();
  await page.getByRole('button', { name: 'Bo' }).click();
  for (let wrong = 0; wrong < 5; wrong += 1) {
    await typePin(owner, '9999', 'Bo');
    await page.getByText('That PIN is not right.').waitFor();
  }
  await typePin(owner, '1357', 'Bo');
  await page.getByText(/^Too many wrong PINs\. Try again in \d+ seconds\.$/).waitFor();
  await page.getByRole('button', { name: 'Somebody else' }).click();
  await page.getByRole('button', { name: 'Ada' }).click();
  await signInOnScreen(owner);
  await goTo(owner, 'Sell');
  await sellOnScreen(owner, SHELF);
});

/** Pastes a text where a card is awaited, and waits for the sentence that refuses it. */
async function refuses(device, text, sentence) {
  await pasteCard(device, text);
  await device.page.getByRole('alert').getByText(sentence).waitFor();
}

/** Compares a table of lines and reasons with what it should say. */
async function matches(region, wanted) {
  const rows = owner.page.getByRole('region', { name: region }).locator('tbody').getByRole('row');
  await rows.first().waitFor();
  const said = await rows.evaluateAll((all) => all.map((row) => [...row.cells].map((cell) => cell.textContent)));
  assert.equal(said.length, wanted.length, JSON.stringify(said));
  wanted.forEach(([line, reason], i) => {
    assert.equal(said[i][0], line);
    if (reason instanceof RegExp) assert.match(said[i][1], reason);
    else assert.equal(said[i][1], reason);
  });
}

async function signOut() {
  await goTo(owner, 'More');
  await owner.page.getByRole('button', { name: 'Sign out' }).click();
}
