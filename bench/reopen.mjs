// A browser that starts anew: from asking for the page until a sale could begin.
import { OWNER } from '../tests/lib/shop.mjs';
import { openFloor } from './floor.mjs';

/**
 * How long `runs` starts take, in milliseconds, of devices that were closed as people do:
 * `{ app, packed, singles }`. The latter two are floors: sales in blocks, and each by itself.
 */
export async function measureReopening({ till, address, floors, runs, tell }) {
  const measured = { app: [], packed: [], singles: [] };
  for (let run = 1; run <= runs; run += 1) {
    for (const packing of ['packed', 'singles']) measured[packing].push(await reopenFloor(floors[packing]));
    measured.app.push(await reopenApp(till, address));
    const latest = Object.entries(measured).map(([who, all]) => `${who} ${Math.round(all.at(-1))} ms`);
    tell(`run ${run} of ${runs}: ${latest.join(', ')}`);
  }
  return measured;
}

async function reopenFloor(device) {
  await device.close();
  await device.reopen();
  await openFloor(device);
  return device.page.evaluate(() => window.openedAfter_ms);
}

/** Until the device answers and the screen shows Sell, or asks for the PIN that stands before it. */
async function reopenApp(till, address) {
  await till.close();
  await till.reopen();
  await till.context.addInitScript((person) => {
    const isShown = () => document.querySelector('nav[aria-label="Places"]')
      ?? [...document.querySelectorAll('h1, h2')].find(({ textContent }) => textContent === `PIN of ${person}`);
    const look = new MutationObserver(async () => {
      if (!window.tillmesh || !isShown()) return;
      look.disconnect();
      const shown_ms = performance.now();
      await window.tillmesh.ready;
      window.usableAfter_ms = Math.max(shown_ms, performance.now());
    });
    look.observe(document, { subtree: true, childList: true, characterData: true });
  }, OWNER);
  await till.open(address);
  await till.page.waitForFunction(() => window.usableAfter_ms !== undefined);
  return till.page.evaluate(() => window.usableAfter_ms);
}
