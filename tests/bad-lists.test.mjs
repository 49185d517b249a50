// Lists of products as shops have them: what is good goes in, what is not is named by its line.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { call, openApp } from './lib/console.mjs';
import { hasData, priceList, realCatalogue } from './lib/data.mjs';
import { Server } from './lib/server.mjs';
import { foundShop, goTo, signInOnScreen, startDevice } from './lib/shop.mjs';
import { SHELF, fillCart, sellOnScreen, stock } from './lib/till.mjs';

let server, owner;

before(async () => {
  server = await Server.start();
  owner = await startDevice('owner');
  await foundShop(owner, server.origin);
  await stock(owner, SHELF);
  await openApp(owner, `${server.origin}/sell`);
  await signInOnScreen(owner);
});

after(async () => {
  await owner?.discard();
  await server?.kill();
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
  await goToImport();
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
  await choose(LIST);
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

test('real lists go in whole, and every doubt in them is said', { skip: !hasData() && 'no real data' }, async () => {
  const { page } = owner;
  const names = new Set(priceList().trim().split(/\r?\n/).slice(1));
  await goToImport();
  await choose(priceList());
  await page.getByRole('button', { name: `Import ${names.size} products` }).click();
  await page.getByRole('heading', { name: 'Imported' }).waitFor();
  await page.getByRole('button', { name: 'Import another list' }).click();

  const { text, rows, badDigits } = realCatalogue();
  await choose(text);
  const doubts = page.getByRole('region', { name: 'Taken, but look at these' });
  await doubts.getByText(/^The check digit of barcode \d+ is wrong\.$/).first().waitFor();
  assert.ok(badDigits > 0);
  await page.getByRole('button', { name: `Import ${rows} products` }).click();
  await page.getByRole('heading', { name: 'Imported' }).waitFor();
  await goTo(owner, 'Sell');
  await sellOnScreen(owner, SHELF);
});

async function goToImport() {
  await goTo(owner, 'Products');
  await owner.page.getByRole('link', { name: 'Import' }).click();
}

function choose(list) {
  return owner.page.getByLabel('Choose a file').setInputFiles({
    name: 'list.csv', mimeType: 'text/csv', buffer: Buffer.from(list),
  });
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
