// A till is put out on the owner's screen: it sells no more, and what it sold too late is kept
// until the owner lets it count.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';

import { call, openApp } from './lib/console.mjs';
import { Server } from './lib/server.mjs';
import { foundShop, goTo, join, passPermissions, signInOnScreen, startDevice } from './lib/shop.mjs';
import { SHELF, sellInConsole, stock, totalOf } from './lib/till.mjs';
import { until } from './lib/until.mjs';

const TILL = 'Till 2';
const BASKET = [SHELF[0]];
const HEARD = 3;
const LATE = 2;
/** Both wait longer from try to try. */
const LINK_MS_MAX = 90_000;

let server, owner, till;

const counts = (device, sales) => until(`${sales} sales count`, async () => (
  (await call(device, 'counts')).sales === sales
), LINK_MS_MAX);

before(async () => {
  server = await Server.start();
  [owner, till] = await Promise.all([startDevice('owner'), startDevice('till')]);
  await foundShop(owner, server.origin);
  await stock(owner, SHELF);
  await join(owner, till, server.origin, { name: TILL });
  await till.page.getByRole('link', { name: 'Start selling' }).click();
  await passPermissions(till);
  await signInOnScreen(till);
  await sellInConsole(till, Array(HEARD).fill(BASKET));
  await counts(owner, HEARD);
  // What is counted is on the disk a moment later; then the tablet may be closed.
  await until('the till knows that its sales are kept', async () => (
    (await call(till, 'status')).copies.pending === 0
  ));
});

after(async () => {
  await owner?.discard();
  await till?.discard();
  await server?.kill();
});

test('a till that is put out is asked for once, leaves the list, and says so instead of selling', async () => {
  await owner.close();
  await sellInConsole(till, Array(LATE).fill(BASKET));
  await till.close();
  await owner.reopen();
  await openApp(owner, `${server.origin}/devices`);
  await signInOnScreen(owner);
  const { page } = owner;
  const members = page.getByRole('region', { name: 'Members of the shop' });
  await members.getByRole('button', { name: `Put out: ${TILL}` }).click();
  const sheet = page.getByRole('dialog', { name: `Put ${TILL} out of the shop?` });
  await sheet.getByText('What it sold and this device has heard of stays counted').waitFor();
  await sheet.getByRole('button', { name: 'Leave it in' }).click();
  await members.getByText(TILL).waitFor();
  await members.getByRole('button', { name: `Put out: ${TILL}` }).click();
  await sheet.getByRole('button', { name: 'Put it out' }).click();
  await members.getByText(TILL).waitFor({ state: 'detached' });
  const out = page.getByRole('region', { name: 'Put out' });
  await out.getByText('Nothing has come from it since.').waitFor();
  assert.equal((await call(owner, 'counts')).sales, HEARD);

  await till.reopen();
  await openApp(till, `${server.origin}/sell`);
  await till.page.getByText('This device was put out of its shop').waitFor({ timeout: LINK_MS_MAX });
  await assert.rejects(call(till, 'sell', { lines: [], tenders: [] }), /was put out of its shop/);
});

test('what it sold too late is kept, and counts when the owner says so', async () => {
  const out = owner.page.getByRole('region', { name: 'Put out' });
  await out.getByText('2 sales or deliveries have come from it since. They are kept, and not counted.').waitFor({ timeout: LINK_MS_MAX });
  assert.equal((await call(owner, 'counts')).sales, HEARD);
  assert.equal((await call(owner, 'counts')).quarantined, LATE);
  const aside = owner.page.getByRole('region', { name: 'Kept and not counted' });
  await aside.getByRole('row', { name: `${TILL} Sales 2 written by a device after it was put out` }).waitFor();
  const saving = owner.page.waitForEvent('download');
  await aside.getByRole('button', { name: 'Save as a file' }).click();
  const file = fs.readFileSync(await (await saving).path(), 'utf8');
  assert.match(file, new RegExp(`^device,name,.*\r\n[0-9a-f]{32},"${TILL}",transaction,4,5,"written by`));
  await out.getByRole('button', { name: `Count them: ${TILL}` }).click();
  await out.getByText('Nothing has come from it since.').waitFor();
  await counts(owner, HEARD + LATE);
  assert.equal((await call(owner, 'counts')).quarantined, 0);
  await aside.waitFor({ state: 'detached' });
  await goTo(owner, 'Sales');
  const total = (totalOf(BASKET) / 100).toFixed(2);
  assert.equal(await owner.page.getByText(total, { exact: true }).count() >= HEARD + LATE, true);
});

test('scripts put out under the name revoke, and are told who cannot be', async () => {
  const [self] = await call(owner, 'devices');
  await assert.rejects(call(owner, 'revoke', self.deviceId), /cannot put itself out/);
  await assert.rejects(call(owner, 'revoke', '00'.repeat(16)), /No such device/);
});
