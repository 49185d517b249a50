// "Paid" is shown when the sale is on the disk: the system's calls between the press and the word.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { call, openApp } from './lib/console.mjs';
import { isLong } from './lib/environment.mjs';
import { Server } from './lib/server.mjs';
import { OWNER, PIN, foundShop, startDevice } from './lib/shop.mjs';
import { Strace } from './lib/strace.mjs';
import { SHELF, sellOnScreen, stock } from './lib/till.mjs';
import { Witness } from './lib/witness.mjs';

const SALES = isLong ? 20 : 5;
const skip = Strace.lack() ?? false;

let server, till, witness;

before(async () => {
  if (skip) return;
  server = await Server.start();
  till = await startDevice('strict');
  witness = await Witness.of(till);
  await foundShop(till, server.origin);
  await stock(till, SHELF);
});

after(async () => {
  await till?.discard();
  await server?.kill();
});

test('between Pay and "Paid" every sale reaches the disk', { skip }, async (context) => {
  await openApp(till, `${server.origin}/sell`);
  await call(till, 'signIn', { employee: OWNER, pin: PIN });
  await sellOnScreen(till, SHELF);
  witness.forget();
  const strace = await Strace.attach(till.processes());
  for (let sale = 0; sale < SALES; sale += 1) await sellOnScreen(till, SHELF);
  const synced = (await strace.stop()).filter(({ path }) => path.includes('/IndexedDB/'));
  const pressed = witness.presses.filter(({ name }) => name === 'Exact');
  assert.equal(pressed.length, SALES);
  assert.equal(witness.paid.length, SALES);
  pressed.forEach(({ at }, sale) => {
    const paid = witness.paid[sale];
    const between = synced.filter((call) => call.from >= at && call.to <= paid.at);
    assert.ok(between.length >= 1, `sale ${paid.receipt} was called paid before it was on the disk`);
    context.diagnostic(`${paid.receipt}: ${(paid.at - at).toFixed(1)} ms, ${between.length} syncs`);
  });
});
