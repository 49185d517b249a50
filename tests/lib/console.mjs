// `window.tillmesh` of a device, from outside: docs/console.md.

/** Opens an address and waits until the device can be used. */
export async function openApp(device, address) {
  await device.page.goto(address, { waitUntil: 'domcontentloaded' });
  await device.page.waitForFunction(() => window.tillmesh);
  await device.page.evaluate(() => window.tillmesh.ready.then(() => {}));
}

/** Calls a function of the console. What it rejects with is thrown, with its `code`. */
export async function call(device, name, ...given) {
  const { value, refused } = await device.page.evaluate(async ([wanted, words]) => {
    try {
      return { value: await window.tillmesh[wanted](...words) };
    } catch ({ code, message }) {
      return { refused: { code, message } };
    }
  }, [name, given]);
  if (refused) throw Object.assign(new Error(`${name}: ${refused.message}`), { code: refused.code });
  return value;
}

/** Every sale that a device lists, as `sales()` gives them, whatever their number. */
export async function allSales(device) {
  const [all, limit] = [[], 500];
  for (;;) {
    const page = await call(device, 'sales', { offset: all.length, limit });
    all.push(...page);
    if (page.length < limit) return all;
  }
}
