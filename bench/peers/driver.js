// TillMesh as one more product of the peers' harness. It runs in the harness's page, starts the app
// there, and uses nothing but the console of docs/console.md.
import { fnv1a, makeSale, parseBaskets, saleId } from '../page/workload.js';

const TERMINAL = 'L1';
const OWNER = { employee: 'Ada', pin: '2468' };
const TAX_PERCENT = [0, 5, 7, 19];
/** Longest page of `sales`. */
const PAGE = 1_000;
const LOOK_MS = 10;
const KEPT_MS_MAX = 60_000;
/** Longer than a till waits after a sale before it packs, and than one block takes. */
const PACKED_MS = 4_000;
const PACK_LOOK_MS = 200;

const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

/** What the app is asked to sell for a sale of the harness. */
const basketOf = ({ lines, tenders }) => ({
  lines: lines.map(({ name, qty_milli }) => ({ code: codeOf(name), quantity_milli: qty_milli })),
  tenders,
});
const codeOf = (name) => String(10_000 + (fnv1a(name) % 90_000));
const percentOf = (name) => TAX_PERCENT[(fnv1a(name) >>> 8) % TAX_PERCENT.length];

export default function createTillMesh({ role, opts, onVisible }) {
  let [app, room, self] = [];
  /** Sales that can be asked for here, as far as anybody looked. */
  let visible = 0;
  /** What the other side of the room is asked and has not answered. */
  const asked = new Map();

  async function open() {
    await startApp();
    app = window.tillmesh;
    await app.ready;
    const { device, shop, employee } = await app.status();
    self = device.id;
    if (role === 'A' && !shop) await foundShop(app);
    if (role === 'A' && shop && !employee) await app.signIn(OWNER);
    visible = await count();
    for (const event of ['sale', 'sales-received']) app.on(event, look);
  }

  /** Announces what has come: counted, so that nothing is announced that cannot be asked for. */
  async function look() {
    const now = await count();
    while (visible < now) {
      onVisible(saleId(TERMINAL, visible));
      visible += 1;
    }
  }

  /** A newcomer is told of single sales only once it has all; until then it looks by itself. */
  async function watch(connection) {
    while (connection.readyState !== WebSocket.CLOSED) {
      await look();
      await pause(LOOK_MS);
    }
  }

  async function count() {
    return (await app.counts().catch(() => ({ sales: 0 }))).sales;
  }

  /** Cards go through the harness's room: B asks to be let in or linked again, A answers. */
  async function connect() {
    room = new WebSocket(`${opts.ws}/room?role=${role}`);
    room.onmessage = async ({ data }) => {
      const { type, ...said } = JSON.parse(data);
      if (type === 'peer' && role === 'B') say('offer', { card: await app.offer({ deviceName: 'B' }) });
      if (type === 'offer' && role === 'A') {
        const card = await app.answer(said.card, { name: 'B', role: 'till' });
        say('answer', { card });
      }
      if (type === 'answer' && role === 'B') await app.accept(said.card);
      if (type === 'keeps?' && role === 'A') say('keeps', { id: said.id, all: await keepsAll(said.device) });
      if (type === 'keeps') asked.get(said.id)?.(said.all);
    };
    await new Promise((resolve, reject) => { [room.onopen, room.onerror] = [resolve, reject]; });
    if (role === 'B') watch(room);
  }

  async function disconnect() {
    room?.close();
    for (const { deviceId, state } of await app.peers().catch(() => [])) {
      if (state === 'connected') await app.disconnect(deviceId).catch(() => {}); // The other side was first.
    }
  }

  function say(type, said) {
    room.send(JSON.stringify({ type, ...said }));
  }

  /** At A: resolves when that device's signed word is here that nothing of ours is missing on its disk. */
  async function keepsAll(device) {
    const end = performance.now() + KEPT_MS_MAX;
    while (performance.now() < end) {
      const peer = (await app.peers()).find(({ deviceId }) => deviceId === device);
      if (peer?.lacks === 0) return true;
      await pause(LOOK_MS);
    }
    return false;
  }

  /** What `sell` resolves for is on the disk at A; B's word that it keeps all is what A knows of it. */
  async function flush() {
    if (role === 'A' || room?.readyState !== WebSocket.OPEN) return;
    const id = crypto.randomUUID();
    const kept = await new Promise((resolve) => {
      asked.set(id, resolve);
      say('keeps?', { id, device: self });
    });
    asked.delete(id);
    if (!kept) throw new Error('the other device never had the word that all is kept here');
  }

  /** One after the other, as a till sells; then it rests and packs them. */
  async function load(sales) {
    for (const sale of sales) await app.sell(basketOf(sale));
    await rest();
  }

  /** Waits until the till makes no more blocks of what it sold. */
  async function rest() {
    let [blocks, since] = [undefined, performance.now()];
    while (performance.now() - since < PACKED_MS) {
      const { blocks: now = 0 } = await app.metrics();
      if (now !== blocks) [blocks, since] = [now, performance.now()];
      await pause(PACK_LOOK_MS);
    }
  }

  async function get(id) {
    for (let number = (await count()) - 1; number >= 0; number -= 1) {
      if (saleId(TERMINAL, number) !== id) continue;
      const [sale] = await app.sales({ offset: (await count()) - 1 - number, limit: 1 });
      return rebuilt(sale);
    }
    return undefined;
  }

  async function each(take) {
    for (let offset = 0; ; offset += PAGE) {
      const page = await app.sales({ offset, limit: PAGE });
      page.map(rebuilt).forEach(take);
      if (page.length < PAGE) return;
    }
  }

  return {
    open, connect, disconnect, flush, count, load, get, each,
    add: (sale) => app.sell(basketOf(sale)),
    addDurable: (sale) => app.sell(basketOf(sale)),
    loadStep: opts.n,
    info: async () => ({ stateHash: (await app.stateHash({}).catch(() => ({}))).hash }),
  };
}

/**
 * A sale as the harness compares it. The app gives its receipt number, lines, quantities, prices and
 * totals; it numbers and dates sales itself and lists no tenders, so id, time, cashier, article
 * numbers, tax rates and the kind of tender come from the number and the names.
 */
function rebuilt({ receipt, lines, total_minor }) {
  const seq = Number(receipt.match(/^[^-]+-(\d+)/)[1]) - 1;
  const { id, terminal, at, cashier, tenders } = makeSale([[]], seq);
  return {
    id,
    terminal,
    seq,
    at,
    cashier,
    lines: lines.map(({ name, quantity_milli, price_minor, total_minor: of_line }) => ({
      sku: codeOf(name),
      name,
      qty_milli: quantity_milli,
      unit_price_minor: price_minor,
      tax_rate: percentOf(name),
      total_minor: of_line,
    })),
    tenders: [{ kind: tenders[0].kind, amount_minor: total_minor }],
    total_minor,
  };
}

/** Loads the built app into this page, as its own index.html does. */
async function startApp() {
  const { script, module } = await (await fetch('/db/app.json')).json();
  const { default: start } = await import(script);
  await start({ module_or_path: module });
}

async function foundShop(app) {
  await app.createShop({
    name: 'Peers', currency: 'EUR', timezone: 'UTC', taxMode: 'inclusive',
    taxRates: TAX_PERCENT.map((percent) => ({ name: String(percent), percent })),
    ownerName: OWNER.employee, ownerPin: OWNER.pin, deviceName: 'A',
  });
  const { errors } = await app.importCatalogue(await priceList(), {});
  if (errors.length > 0) throw new Error(`line ${errors[0].line}: ${errors[0].reason}`);
}

/** Everything that is in the baskets, sold by weight: the harness has fractions of anything. */
async function priceList() {
  const baskets = parseBaskets(await (await fetch('/dataset.csv')).text());
  const names = [...new Set(baskets.flat())];
  const rows = names.map((name) => {
    const [{ unit_price_minor }] = makeSale([[name]], 0).lines;
    return [codeOf(name), name, (unit_price_minor / 100).toFixed(2), percentOf(name), 'kg'].join(',');
  });
  return ['sku,name,price,tax,unit', ...rows].join('\n');
}
