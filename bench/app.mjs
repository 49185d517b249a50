// The app's devices: a shop, its till, and devices that join it by text cards.
import { call, openApp } from '../tests/lib/console.mjs';
import { priceList } from '../tests/lib/data.mjs';
import { install } from '../tests/lib/release.mjs';
import { foundShop, goTo, OWNER, passPermissions, PIN, signInOnScreen, startDevice } from '../tests/lib/shop.mjs';
import { until } from '../tests/lib/until.mjs';

/** The app waits longer from try to try. */
const LINK_MS_MAX = 90_000;
/** Sales that one call of `evaluate` makes. */
const SALES_PER_CALL = 2_000;
/** Longer than a till waits after a sale before it packs, and than one block takes. */
const PACKED_MS = 4_000;
const PACKING_MS_MAX = 300_000;

/** A device that founded a shop, knows the products, and stands on Sell with the owner signed in. */
export async function startTill(server) {
  const till = await startDevice('till');
  await foundShop(till, server.origin);
  await call(till, 'importCatalogue', priceList());
  await install(till);
  await openApp(till, `${server.origin}/sell`);
  await enter(till);
  return till;
}

/** A device that stands on Welcome. */
export async function startNewcomer(server) {
  const newcomer = await startDevice('screen');
  await openApp(newcomer, `${server.origin}/`);
  return newcomer;
}

/** Goes through what stands before the first page of the shop. */
export async function enter(device) {
  const { page } = device;
  const asked = page.getByRole('heading', { name: 'What this app asks the browser for' });
  const pad = page.getByRole('heading', { name: `PIN of ${OWNER}` });
  const places = page.getByRole('navigation', { name: 'Places' });
  await asked.or(pad).or(places).first().waitFor();
  if (await asked.isVisible()) await passPermissions(device);
  await signInOnScreen(device);
}

/** Sells through the console, and says how far it is now and then. */
export async function sellMany({ page }, sales, tell) {
  for (let start = 0; start < sales.length; start += SALES_PER_CALL) {
    await page.evaluate(async (wanted) => {
      for (const sale of wanted) await window.tillmesh.sell(sale);
    }, sales.slice(start, start + SALES_PER_CALL));
    tell(`${Math.min(start + SALES_PER_CALL, sales.length)} of ${sales.length} sold`);
  }
}

/** Waits until a till that sells nothing makes no more blocks of what it sold. */
export async function untilPacked(till) {
  let [blocks, since] = [undefined, performance.now()];
  await until('the till has packed its sales', async () => {
    const { blocks: now = 0 } = await call(till, 'metrics');
    if (now !== blocks) [blocks, since] = [now, performance.now()];
    return performance.now() - since > PACKED_MS;
  }, PACKING_MS_MAX);
}

/** Has a device that just joined show the owner's page, linked with the till again. */
export async function showToday(screen, till, server) {
  await call(screen, 'signIn', { employee: OWNER, pin: PIN });
  await openApp(screen, `${server.origin}/today`);
  await enter(screen);
  await goTo(screen, 'Today');
  await until('till and screen are linked', async () => (
    (await call(till, 'peers')).some(({ state }) => state === 'connected')
  ), LINK_MS_MAX);
}
