// What stands in the way of the app itself: an old browser, a camera that was refused, a crash. The
// page says what happened, what was kept and what to do; done that, the till sells.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { allSales, openApp } from './lib/console.mjs';
import { Server } from './lib/server.mjs';
import { addDevice, foundShop, goTo, signInOnScreen, startDevice } from './lib/shop.mjs';
import { SHELF, fillCart, openPayment, paidReceipt, sellOnScreen, stock } from './lib/till.mjs';

const TOO_OLD = 'TillMesh signs every sale with a method that Chrome has known since version 137. Update Chrome, '
  + 'or open this address in a newer one. Nothing was changed here.';
const CAMERA = 'Tap the icon at the start of the address bar, allow the camera, then try again. Or go on without '
  + 'it: paste the other device\'s text.';
const CRASH = 'Your sales are kept: they were stored before they were shown as paid. Reload to go on.';

let server, till;

before(async () => {
  server = await Server.start();
  till = await startDevice('till', { arguments: ['--use-fake-device-for-media-stream'] });
  await till.page.addInitScript(mayLoseRandomness);
  await foundShop(till, server.origin);
  await stock(till, SHELF);
  await openApp(till, `${server.origin}/sell`);
  await signInOnScreen(till);
});

after(async () => {
  await till?.discard();
  await server?.kill();
});

test('a browser that does not know the keys is told to be updated, and nothing is touched', async () => {
  const old = await till.context.newPage();
  await old.addInitScript(forgetNewKeys);
  await old.goto(`${server.origin}/sell`);
  await old.getByRole('heading', { name: 'This browser is too old' }).waitFor();
  await old.getByText(TOO_OLD).waitFor();
  await old.close();
  await sellsOn();
});

test('a browser in which links are switched off is not called old', async () => {
  const locked = await till.context.newPage();
  await locked.addInitScript(() => { delete window.RTCPeerConnection; });
  await locked.goto(`${server.origin}/sell`);
  await locked.getByRole('heading', { name: 'This browser may not link devices' }).waitFor();
  await locked.getByText('Devices of a shop reach each other by WebRTC').waitFor();
  await locked.close();
  await sellsOn();
});

test('a refused camera leaves two ways, and works once it is allowed', async () => {
  const { page } = till;
  const settings = await till.context.newCDPSession(page);
  await cameraIs(settings, 'denied');
  await addDevice(till);
  await page.getByRole('button', { name: 'Scan with the camera' }).click();
  await page.getByRole('heading', { name: 'The camera is closed to this page' }).waitFor();
  await page.getByText(CAMERA).waitFor();
  await page.getByRole('button', { name: 'Go on without a camera' }).click();
  await page.getByLabel('Card text from the other device').waitFor();

  await page.getByRole('button', { name: 'Scan with the camera' }).click();
  await page.getByText(CAMERA).waitFor();
  await cameraIs(settings, 'granted');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByLabel('What the camera sees').waitFor();
  await page.getByRole('button', { name: 'Close the camera' }).click();
  await goTo(till, 'Sell');
  await sellsOn();
});

test('an app that broke says that sales are kept, and sells again after a reload', async () => {
  const { page } = till;
  const sold = await receipts();
  await fillCart(till, SHELF);
  const exact = await openPayment(till);
  await page.evaluate(() => { window.isRandomnessLost = true; });
  await exact.click();
  await page.getByRole('heading', { name: 'Something broke in the app' }).waitFor();
  await page.getByText(CRASH).waitFor();
  assert.equal(await page.getByText(/Paid · Receipt/).count(), 0);
  await page.getByRole('link', { name: 'Reload' }).click();
  await signInOnScreen(till);
  assert.deepEqual(await receipts(), sold);
  await (await openPayment(till)).click();
  const receipt = await paidReceipt(till);
  await page.getByRole('button', { name: 'Next sale' }).click();
  assert.deepEqual(await receipts(), [...sold, receipt].sort(), 'the cart came back, and is paid once');
  await sellsOn();
});

/** The next sale is paid, and stands beside those before it. */
async function sellsOn() {
  const before = await receipts();
  const receipt = await sellOnScreen(till, SHELF);
  assert.deepEqual(await receipts(), [...before, receipt].sort());
}

async function receipts() {
  await till.page.waitForFunction(() => window.tillmesh);
  return (await allSales(till)).map(({ receipt }) => receipt).sort();
}

/** Sets what somebody would in the browser's settings of this page. It holds until the session ends. */
function cameraIs(session, setting) {
  const permission = { name: 'camera' };
  return session.send('Browser.setPermission', { permission, setting, origin: server.origin });
}

/** Runs in a page, before the app: the browser is one of before Chrome 137. */
function forgetNewKeys() {
  const { generateKey } = SubtleCrypto.prototype;
  SubtleCrypto.prototype.generateKey = function (algorithm, ...rest) {
    if (['Ed25519', 'X25519'].includes(algorithm.name ?? algorithm)) {
      return Promise.reject(new DOMException('Unrecognized name.', 'NotSupportedError'));
    }
    return generateKey.call(this, algorithm, ...rest);
  };
}

/** Runs in a page, before the app: what the module asks of the browser can begin to throw. */
function mayLoseRandomness() {
  const { getRandomValues } = Crypto.prototype;
  Crypto.prototype.getRandomValues = function (array) {
    if (window.isRandomnessLost) throw new DOMException('The source is gone.', 'OperationError');
    return getRandomValues.call(this, array);
  };
}
