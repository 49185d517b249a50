// Whether devices agree: what the owner's screen says of the day, and the hash of the state.
import { call } from './console.mjs';
import { amount, totalOf } from './till.mjs';
import { until } from './until.mjs';

/** What a figure of Today says. */
export async function figure({ page }, name) {
  const term = page.locator('dt', { hasText: new RegExp(`^${name}$`) });
  return (await term.locator('xpath=following-sibling::dd').innerText()).trim();
}

/** Waits until the screen of a device that stands on Today shows these baskets, and no others. */
export async function showsTheDay(device, baskets, deadline_ms) {
  const total = amount(baskets.reduce((sum, basket) => sum + totalOf(basket), 0));
  let shown;
  await until(`Today shows ${baskets.length} receipts and ${total}`, async () => {
    shown = [await figure(device, 'Receipts'), await figure(device, 'Sales')];
    return shown[0] === String(baskets.length) && shown[1] === total;
  }, deadline_ms).catch((problem) => { throw new Error(`${problem.message}; it shows ${shown}`); });
}

/** Waits until the devices show one state. */
export function agree(devices, deadline_ms) {
  return until(`${devices.map(({ name }) => name).join(' and ')} show one state`, async () => {
    const [first, ...others] = await Promise.all(devices.map((device) => (
      call(device, 'stateHash', { scope: 'shop' })
    )));
    return others.every(({ hash, foldVersion }) => (
      hash === first.hash && foldVersion === first.foldVersion
    ));
  }, deadline_ms);
}
