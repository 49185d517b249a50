// The shop's own network, as `cargo xtask serve --lan` serves it: a tablet comes to the plain
// address, is told why the app can't run there, fetches the certificate, trusts it, and sells.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { allSales, openApp } from './lib/console.mjs';
import { Lan } from './lib/lan.mjs';
import { foundShop, signInOnScreen, startDevice } from './lib/shop.mjs';
import { SHELF, sellOnScreen, stock } from './lib/till.mjs';
import { Trust } from './lib/trust.mjs';
import { until } from './lib/until.mjs';

const skip = Lan.lack() ?? Trust.lack() ?? false;
const WHY = 'This address is not encrypted. A browser gives the camera, the offline store and the '
  + "keys of a till only to an encrypted address, so TillMesh can't run here. Nothing is lost: "
  + 'nothing was stored here.';

let lan, trust, tablet, certificate;

before(async () => {
  if (skip) return;
  lan = await Lan.start();
  trust = new Trust();
  certificate = path.join(trust.home, 'authority.crt');
  tablet = await startDevice('tablet', { context: { env: trust.environment } });
});

after(async () => {
  await tablet?.discard();
  trust?.discard();
  await lan?.discard();
});

test('the plain address says why the app cannot run there, and hands out the certificate', { skip }, async () => {
  const { page } = tablet;
  await page.goto(lan.plain);
  assert.equal(await page.evaluate(() => window.isSecureContext), false);
  await page.getByRole('heading', { name: 'One more step before you can sell' }).waitFor();
  await page.getByText(WHY).waitFor();
  for (const system of ['Android', 'ChromeOS', 'Windows', 'Linux']) {
    await page.getByRole('listitem').filter({ hasText: system }).waitFor();
  }
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download the certificate' }).click(),
  ]);
  assert.equal(download.suggestedFilename(), 'tillmesh-authority.crt');
  await download.saveAs(certificate);
  assert.equal(fs.readFileSync(certificate, 'utf8'), lan.authority);
});

test('a tablet that does not trust the authority is not let in', { skip }, async () => {
  await assert.rejects(tablet.page.goto(`${lan.origin}/`), /ERR_CERT_AUTHORITY_INVALID/);
});

test('a tablet that trusts it founds a shop, sells, and is kept for days without the server', { skip }, async () => {
  await tablet.close();
  trust.add(certificate);
  await tablet.reopen();
  await tablet.page.goto(lan.plain);
  await tablet.page.getByRole('link', { name: `${lan.origin}/` }).click();
  await tablet.page.waitForURL(`${lan.origin}/**`);
  assert.equal(await tablet.page.evaluate(() => window.isSecureContext), true);
  await foundShop(tablet, lan.origin);
  await stock(tablet, SHELF);
  await openApp(tablet, `${lan.origin}/sell`);
  await signInOnScreen(tablet);
  const first = await sellOnScreen(tablet, SHELF);
  await until('the app is kept for days without a network', () => tablet.page.evaluate(() => (
    navigator.serviceWorker.ready.then(({ active }) => active.state === 'activated')
  )));
  assert.deepEqual(tablet.errors, []);

  await lan.stop();
  await tablet.close();
  await tablet.reopen();
  await openApp(tablet, `${lan.origin}/sell`);
  await signInOnScreen(tablet);
  const second = await sellOnScreen(tablet, SHELF);
  const sales = await allSales(tablet);
  assert.deepEqual(sales.map(({ receipt }) => receipt).sort(), [first, second].sort());
});
