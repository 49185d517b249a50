// A shop on real devices: founded, joined, stocked and signed in to, the way that people do it.
import { Device } from './device.mjs';
import { call, openApp } from './console.mjs';
import { until } from './until.mjs';

export const SHOP = 'Corner Grocery';
export const OWNER = 'Ada';
export const PIN = '2468';
/** Machines of one host find each other by address, as devices do that were given a camera. */
const ARGUMENTS = ['--disable-features=WebRtcHideLocalIpsWithMdns'];

/** Starts a device for which it is about noon, so that no test runs into the next day. */
export function startDevice(name, options = {}) {
  const context = { timezoneId: zoneAtNoon(), ...options.context };
  const words = [...ARGUMENTS, ...(options.arguments ?? [])];
  return Device.start(name, { ...options, context, arguments: words });
}

/** Founds a shop from the console; its owner is signed in. */
export async function foundShop(device, origin, name = SHOP) {
  await openApp(device, `${origin}/`);
  return call(device, 'createShop', {
    name, currency: 'EUR', timezone: zoneAtNoon(), taxMode: 'inclusive',
    taxRates: [{ name: 'standard', percent: 20 }],
    ownerName: OWNER, ownerPin: PIN, deviceName: 'Office',
  });
}

/** Founds a shop from the Welcome screen to the twelve words, which it gives. */
export async function createShopOnScreen(device, origin) {
  const { page } = device;
  await openApp(device, `${origin}/`);
  await page.getByRole('link', { name: 'Start a new shop' }).click();
  await page.getByLabel('Shop name').fill(SHOP);
  await page.getByLabel('Currency').selectOption('EUR');
  await page.getByRole('radio', { name: 'Prices include tax' }).check();
  await page.getByLabel('Percent 1').fill('20');
  await page.getByLabel('Your name').fill(OWNER);
  await page.getByLabel('What this device is called').fill('Office');
  await page.getByLabel('PIN, 4 to 8 digits').fill(PIN);
  await page.getByLabel('The same PIN again').fill(PIN);
  await page.getByRole('button', { name: 'Create the shop' }).click();
  await page.getByRole('button', { name: 'I have written them down' }).waitFor();
  const words = await page.getByRole('list', { name: 'Twelve words' }).getByRole('listitem').allInnerTexts();
  return words.map((word) => word.trim());
}

/** Founds a shop from the Welcome screen to the Sell screen. */
export async function foundShopOnScreen(device, origin) {
  const { page } = device;
  const words = await createShopOnScreen(device, origin);
  await page.getByRole('button', { name: 'I have written them down' }).click();
  for (const number of [3, 10]) await page.getByLabel(`Word ${number}`).fill(words[number - 1]);
  await page.getByRole('button', { name: 'Check the words' }).click();
  await passPermissions(device);
  return words;
}

/** Goes on from the permissions, whatever the browser answers, until a page of the shop shows. */
export async function passPermissions({ page }) {
  await page.getByRole('heading', { name: 'What this app asks the browser for' }).waitFor();
  await until('the permissions are passed', async () => {
    for (const name of ['Continue', 'I understand, go on']) {
      const button = page.getByRole('button', { name });
      if (await button.isVisible()) await button.click({ timeout: 1_000 }).catch(() => {}); // It left.
    }
    return new URL(page.url()).pathname === '/sell';
  });
}

/** Types a PIN on the pad. */
export async function typePin({ page }, pin = PIN, person = OWNER) {
  await page.getByRole('heading', { name: `PIN of ${person}` }).waitFor();
  const pad = page.getByRole('group', { name: 'Keypad' });
  for (const digit of pin) await pad.getByRole('button', { name: digit, exact: true }).click();
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Signs the owner in on the pad, unless the owner is signed in still. */
export async function signInOnScreen(device) {
  const places = device.page.getByRole('navigation', { name: 'Places' });
  const pad = device.page.getByRole('heading', { name: `PIN of ${OWNER}` });
  await places.or(pad).waitFor();
  if (await pad.isVisible()) await typePin(device);
  await places.waitFor();
}

/** Goes to a place of the shop by its link. */
export async function goTo({ page }, place) {
  await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: place }).click();
  await page.getByRole('heading', { name: place, exact: true }).waitFor({ state: 'attached' });
}

/** A newcomer shows its card: the Welcome screen up to "Show this card". */
export async function showOffer(till, origin, name) {
  const { page } = till;
  await openApp(till, `${origin}/`);
  await page.getByRole('link', { name: 'Join a shop' }).click();
  await page.getByLabel('What this device is called').fill(name);
  await page.getByRole('button', { name: "Make this device's card" }).click();
  await page.getByRole('img', { name: 'Pairing card' }).waitFor();
}

/** The owner waits for a card in Devices. */
export async function addDevice(owner) {
  await goTo(owner, 'Devices');
  await owner.page.getByRole('link', { name: 'Add a device' }).first().click();
}

/** Hands over the card that `from` shows, by `camera` (what `to` sees), else by paste. */
export async function handOver(from, to, camera) {
  const card = from.page.getByRole('img', { name: 'Pairing card' });
  await card.waitFor();
  if (!camera) return pasteCard(to, await cardText(from));
  await card.scrollIntoViewIfNeeded();
  camera.see(await from.page.screenshot());
  await to.page.getByRole('button', { name: 'Scan with the camera' }).click();
  return undefined;
}

/** The text of the card that a device shows. */
export async function cardText({ page }) {
  const text = page.getByLabel('Card text', { exact: true });
  if (!await text.isVisible()) await page.getByText("No camera? Copy the card's text").click();
  return text.inputValue();
}

/** Pastes a text where a card is awaited. */
export async function pasteCard({ page }, text) {
  await page.getByLabel('Card text from the other device').fill(text);
  await page.getByRole('button', { name: 'Use this card' }).click();
}

/** The check code that a device shows. */
export async function checkCode({ page }) {
  return (await page.getByLabel('Check code').innerText()).trim();
}

/**
 * Lets a newcomer in through the screens of both. `cameras` (`owner`, `till`) are what they see;
 * without them the cards go by paste. Gives the check codes that the two screens showed.
 */
export async function join(owner, till, origin, { name = 'Till 2', cameras } = {}) {
  await showOffer(till, origin, name);
  await addDevice(owner);
  await handOver(till, owner, cameras?.owner);
  await owner.page.getByRole('img', { name: 'Pairing card' }).waitFor();
  await till.page.getByRole('button', { name: 'Next: scan the answer' }).click();
  await handOver(owner, till, cameras?.till);
  const codes = { owner: await checkCode(owner), till: await checkCode(till) };
  await owner.page.getByRole('button', { name: 'Codes match: add this till' }).click();
  await owner.page.getByRole('heading', { name: `${name} is in` }).waitFor();
  await till.page.getByRole('heading', { name: `This device belongs to ${SHOP}` }).waitFor();
  return codes;
}

/** Lets a newcomer in by text, through the consoles of both. */
export async function letIn(owner, till, origin, name = 'Till 2') {
  await openApp(till, `${origin}/`);
  const offer = await call(till, 'offer', { deviceName: name });
  const answer = await call(owner, 'answer', offer, { name, role: 'till' });
  await call(till, 'accept', answer);
}

/** Opens the place where a member of the shop sells, with the owner signed in. */
export async function openTill(device, origin) {
  await openApp(device, `${origin}/sell`);
  try {
    await call(device, 'signIn', { employee: OWNER, pin: PIN });
  } catch (problem) {
    const found = { status: await call(device, 'status'), employees: await call(device, 'employees') };
    const screen = await device.page.locator('body').innerText();
    problem.message += `\n${JSON.stringify({ ...found, screen, errors: device.errors }, null, 1)}`;
    throw problem;
  }
}

/**
 * Links two members that lost each other by the two cards, through the screens of both.
 * `first` shows its card first. The cards go by paste.
 */
export async function linkAgain(first, second) {
  for (const device of [first, second]) {
    await goTo(device, 'Devices');
    await device.page.getByRole('link', { name: 'Link again' }).click();
  }
  await first.page.getByRole('button', { name: "Show this device's card" }).click();
  await second.page.getByRole('button', { name: "Scan the other device's card" }).click();
  await handOver(first, second);
  await second.page.getByRole('img', { name: 'Pairing card' }).waitFor();
  await first.page.getByRole('button', { name: 'Next: scan the answer' }).click();
  await handOver(second, first);
  for (const { page } of [first, second]) await page.getByRole('heading', { name: 'Linked again' }).waitFor();
}

/** The zone in which it is about noon now, as IANA names it: with the sign turned round. */
function zoneAtNoon() {
  const ahead = 12 - new Date().getUTCHours();
  return `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`;
}
