// New releases, as a shop meets them: offered between sales, and never put under one.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { openApp } from './lib/console.mjs';
import { Release, install } from './lib/release.mjs';
import { Server } from './lib/server.mjs';
import { foundShop, startDevice } from './lib/shop.mjs';
import { SHELF, clearCart, fillCart, stock } from './lib/till.mjs';
import { until } from './lib/until.mjs';

const TITLE = '<title>TillMesh</title>';
const NEW_TITLE = '<title>TillMesh, newer</title>';

test('a release that was being installed when the page opened is offered, and one tap lets it in', async (context) => {
  const { till, release, server } = await start(context);
  await serveNewer(release, server);
  await till.context.addInitScript(findFirst);
  await openApp(till, `${server.origin}/sell`);
  await offer(till).waitFor();
  const reloaded = till.page.waitForEvent('load');
  await offer(till).click();
  await reloaded;
  await showsNewer(till);
});

test('a till that stays open looks for a new release when somebody looks at it', async (context) => {
  const { till, release, server } = await start(context);
  await serveNewer(release, server);
  await lookAgain(till);
  await offer(till).waitFor();
});

test('no sale is interrupted by a release that another tab lets in', async (context) => {
  const { till, release, server } = await start(context);
  await fillCart(till, SHELF);
  await serveNewer(release, server);
  await lookAgain(till);
  // While a sale is open, nothing is looked for.
  await letInElsewhere(till, server);
  // Another item is scanned and taken in: by then a page that loaded itself anew would have gone.
  await addOne(till, SHELF[0].code);
  assert.equal(await till.page.evaluate(() => window.older), 'replaced', 'the sale goes on');
  const reloaded = till.page.waitForEvent('load');
  await clearCart(till);
  await reloaded;
  await showsNewer(till);
});

test('nor is a form that somebody fills in', async (context) => {
  const { till, release, server } = await start(context);
  const { page } = till;
  await page.getByRole('link', { name: 'Products' }).click();
  await page.getByRole('button', { name: 'Add a product' }).click();
  const name = page.getByLabel('Name', { exact: true });
  await name.fill('Basmati');
  await serveNewer(release, server);
  await letInElsewhere(till, server);
  await name.press('End');
  await name.pressSequentially(' rice');
  // Nothing that is typed has the focus now.
  await name.blur();
  assert.equal(await page.evaluate(() => window.older), 'replaced', 'the form stays');
  assert.equal(await name.inputValue(), 'Basmati rice');
  const reloaded = page.waitForEvent('load');
  await page.getByRole('button', { name: 'Close' }).click();
  await reloaded;
  await showsNewer(till);
});

/** A till with a shop that has the app installed, and the release that it is served. */
async function start(context) {
  const release = new Release();
  context.after(() => release.discard());
  const server = await Server.start({ folder: release.folder });
  context.after(() => server.kill());
  const till = await startDevice('updates');
  context.after(() => till.discard());
  await foundShop(till, server.origin);
  // Before the next page: one that opens while a worker takes charge may be left without one.
  await install(till);
  await stock(till, SHELF);
  await openApp(till, `${server.origin}/sell`);
  return { till, release, server };
}

async function serveNewer(release, server) {
  release.change('index.html', TITLE, NEW_TITLE);
  await server.stop();
  await server.restart();
}

/** Another tab, which rests, lets the newer release in, and is of it from then on. */
async function letInElsewhere(till, server) {
  const second = { page: await till.context.newPage() };
  await second.page.goto(`${server.origin}/sell`);
  await second.page.getByRole('heading', { name: 'Another tab is selling' }).waitFor();
  for (const { page } of [till, second]) await page.evaluate(markOlder);
  await second.page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    await registration.update();
    const newer = registration.waiting ?? registration.installing;
    if (newer.state === 'installing') {
      await new Promise((done) => { newer.addEventListener('statechange', done, { once: true }); });
    }
    newer.postMessage('SKIP_WAITING');
  });
  await until('the tab that rests has loaded itself anew', () => (
    second.page.evaluate(() => !window.older).catch(() => false)
  ));
  await until('the other one knows of it', () => till.page.evaluate(() => window.older === 'replaced'));
}

/** As a tablet that is taken out of a bag. */
function lookAgain({ page }) {
  return page.evaluate(() => { document.dispatchEvent(new Event('visibilitychange', { bubbles: true })); });
}

async function addOne({ page }, code) {
  const total = page.getByRole('status', { name: 'Total' });
  const before = await total.innerText();
  const pad = page.getByLabel('Code or short number');
  await pad.fill(code);
  await pad.press('Enter');
  await until('it is in the cart', async () => await total.innerText() !== before);
}

function offer({ page }) {
  return page.getByRole('button', { name: 'Update now' });
}

async function showsNewer({ page }) {
  const text = await page.evaluate(() => fetch('/index.html').then((answer) => answer.text()));
  assert.ok(text.includes(NEW_TITLE), text.match(/<title>.*<\/title>/)[0]);
}

/** Runs in the page: it forgets this when it loads itself anew. */
function markOlder() {
  window.older = 'as it was';
  navigator.serviceWorker.addEventListener('controllerchange', () => { window.older = 'replaced'; });
}

/** Runs in the page: by the time the app has registered, the newer release is being installed. */
function findFirst() {
  const { register } = ServiceWorkerContainer.prototype;
  ServiceWorkerContainer.prototype.register = async function finding(...words) {
    const registration = await register.apply(this, words);
    await registration.update();
    return registration;
  };
}
