// Selling on a till: with fingers on its screen, or many at once through its console.
import { call } from './console.mjs';
import { until } from './until.mjs';

/** An amount of the shop's currency as screens show it. */
export function amount(minor) {
  return (minor / 100).toFixed(2);
}

/** What a basket comes to, in minor units; `basket` is a list of `{ code, minor }`. */
export function totalOf(basket) {
  return basket.reduce((total, { minor }) => total + minor, 0);
}

/** Puts codes into the cart on the pad, and waits until the screen shows their sum. */
export async function fillCart(device, basket) {
  const { page } = device;
  await page.getByRole('tab', { name: 'Keypad' }).click();
  const pad = page.getByLabel('Code or short number');
  for (const { code } of basket) {
    await pad.fill(code);
    await pad.press('Enter');
  }
  const sum = page.getByRole('status', { name: 'Total' });
  let shown;
  await until(`the cart comes to ${amount(totalOf(basket))}`, async () => {
    shown = await sum.innerText();
    return shown === amount(totalOf(basket));
  }).catch((problem) => { throw new Error(`${problem.message}, it shows ${shown}`); });
}

/** Clears the cart, if there is something in it: one of before a restart comes back. */
export async function clearCart({ page }) {
  // The pad has a key of that name too, which shows a C.
  const clear = page.getByRole('button', { name: 'Clear', exact: true }).filter({ hasText: 'Clear' });
  if (await clear.isEnabled()) await clear.click();
}

/** Presses Pay; the sheet with the ways to pay stands open then. */
export async function openPayment({ page }) {
  await page.getByRole('button', { name: /^Pay / }).click();
  return page.getByRole('button', { name: 'Exact' });
}

/** The receipt number that stands beside "Paid". */
export async function paidReceipt({ page }) {
  const paid = await page.getByText(/Paid · Receipt \S/).innerText();
  return paid.match(/Receipt (\S+)/)[1];
}

/** Sells a basket with fingers, from the empty cart to the next one. Gives the receipt number. */
export async function sellOnScreen(device, basket) {
  await fillCart(device, basket);
  await (await openPayment(device)).click();
  const receipt = await paidReceipt(device);
  await device.page.getByRole('button', { name: 'Next sale' }).click();
  return receipt;
}

/** Sells baskets through the console, one after the other. Gives what each `sell` gave. */
export function sellInConsole(device, baskets) {
  const sales = baskets.map((basket) => ({
    lines: basket.map(({ code }) => ({ code, quantity_milli: 1_000 })),
    tenders: [{ kind: 'cash', amount_minor: totalOf(basket) }],
  }));
  return device.page.evaluate(async (wanted) => {
    const sold = [];
    for (const sale of wanted) sold.push(await window.tillmesh.sell(sale));
    return sold;
  }, sales);
}

/** Products to sell, put on the shelf through the console, as baskets take them. */
export async function stock(device, rows) {
  const lines = rows.map(({ code, name, minor }) => `${code},${name},${amount(minor)}`);
  return call(device, 'importCatalogue', ['sku,name,price', ...lines].join('\n'));
}

/** A few products of our own making, for tests that need no real ones. */
export const SHELF = [
  { code: 'TEA-1', name: 'Tea', minor: 349 },
  { code: 'RICE-1', name: 'Rice', minor: 1_275 },
  { code: 'SOAP-1', name: 'Soap', minor: 99 },
];
