// The floor: the least that a page can do to keep sales and to show them on another screen. One
// writer, no encryption, no signatures, no conflicts, no repair: a lower bound, not a product.
import { Channel, describe } from './channel.js';
import { BLOCK_SALES, Store } from './store.js';

const [HELLO, BLOCK, SALE] = [1, 2, 3];
/** Rows on the screen, as many as the owner's page of the app shows. */
const ROWS_MAX = 12;

const words = new URLSearchParams(location.search);
const isDeflated = words.get('form') === 'deflated';
const [encoder, decoder] = [new TextEncoder(), new TextDecoder()];

const through = async (bytes, transform) => (
  new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(transform)).arrayBuffer())
);

async function pack(sales) {
  const bytes = encoder.encode(JSON.stringify(sales));
  return isDeflated ? through(bytes, new CompressionStream('deflate-raw')) : bytes;
}

async function unpack(bytes) {
  const plain = isDeflated ? await through(bytes, new DecompressionStream('deflate-raw')) : bytes;
  return JSON.parse(decoder.decode(plain));
}

class Floor {
  sales = [];
  /** Where each stored block begins, and how many sales it has. */
  #blocks = [];
  #isLive = false;
  #handling = Promise.resolve();
  #whenFull = [];

  async open() {
    this.store = await Store.open(`floor-${isDeflated ? 'deflated' : 'plain'}`);
    const rows = await this.store.all();
    const runs = await Promise.all(rows.map(async ([place, value]) => (
      [place, typeof value === 'string' ? [JSON.parse(value)] : await unpack(value), value]
    )));
    for (const [place, run, value] of runs) {
      if (typeof value !== 'string') this.#blocks.push([place, run.length]);
      this.sales.push(...run);
    }
  }

  /** Keeps sales in full blocks, and each of the rest by itself. */
  async load(sales) {
    for (let start = 0; start < sales.length; start += BLOCK_SALES) {
      const part = sales.slice(start, start + BLOCK_SALES);
      this.#blocks.push([this.sales.length, part.length]);
      await this.store.putBlock(this.sales.length, await pack(part));
      this.sales.push(...part);
    }
    await this.store.barrier();
  }

  /** Keeps sales each by itself, as they would be after a day on which nobody packed them. */
  async loadSingles(sales) {
    for (let start = 0; start < sales.length; start += BLOCK_SALES) {
      const part = sales.slice(start, start + BLOCK_SALES);
      await this.store.putSingles(this.sales.length, part.map((sale) => JSON.stringify(sale)));
      this.sales.push(...part);
    }
    await this.store.barrier();
  }

  /** Sells: on the disk first, then to the other screen. */
  async add(sale) {
    const [place, text] = [this.sales.length, JSON.stringify(sale)];
    await this.store.putSingle(place, text);
    this.sales.push(sale);
    if (this.#isLive) this.channel.send(SALE, place, 1, encoder.encode(text));
  }

  /** The newcomer's card. */
  async offer() {
    this.connection = new RTCPeerConnection({ iceServers: [] });
    this.#use(this.connection.createDataChannel('sales'));
    return describe(this.connection, await this.connection.createOffer());
  }

  /** The other one's card. */
  async answer(offer) {
    this.connection?.close();
    this.#isLive = false;
    this.connection = new RTCPeerConnection({ iceServers: [] });
    this.connection.ondatachannel = ({ channel }) => this.#use(channel);
    await this.connection.setRemoteDescription(offer);
    return describe(this.connection, await this.connection.createAnswer());
  }

  /** Takes the card, and resolves when that many sales are here and on the disk. */
  async accept(answer, count) {
    await this.connection.setRemoteDescription(answer);
    await this.channel.opened;
    this.channel.send(HELLO, this.sales.length, 0, new Uint8Array(0));
    if (this.sales.length < count) {
      await new Promise((resolve) => { this.#whenFull.push([count, resolve]); });
    }
    await this.#handling;
    await this.store.barrier();
  }

  /** Ends the connection; what is sold from now on is kept only. */
  cut() {
    this.connection.close();
    this.#isLive = false;
  }

  #use(channel) {
    this.channel = new Channel(channel, (...message) => this.#take(...message));
  }

  #take(kind, place, count, payload) {
    if (kind === HELLO) return this.#serve(place);
    // Blocks unpack side by side and are taken one after the other.
    const sales = kind === BLOCK ? unpack(payload) : [JSON.parse(decoder.decode(payload))];
    if (!isDeflated && kind === SALE) return this.#took(kind, place, sales, payload);
    this.#handling = this.#handling.then(async () => this.#took(kind, place, await sales, payload));
    return undefined;
  }

  #took(kind, place, sales, payload) {
    if (place !== this.sales.length) throw new Error(`sale ${place} came after ${this.sales.length}`);
    this.sales.push(...sales);
    if (kind === BLOCK) {
      this.#blocks.push([place, sales.length]);
      this.store.putBlock(place, payload);
    } else {
      show(sales[0]);
      this.store.putSingle(place, decoder.decode(payload));
    }
    for (const [count, resolve] of this.#whenFull) if (this.sales.length >= count) resolve();
  }

  /** Sends whatever the other one lacks: stored blocks as they are, then the rest. */
  async #serve(have) {
    let place = have;
    for (const [start, count] of this.#blocks) {
      if (start !== place) continue;
      await this.channel.send(BLOCK, start, count, await this.store.block(start));
      place += count;
    }
    while (place < this.sales.length) {
      const part = this.sales.slice(place, place + BLOCK_SALES);
      await this.channel.send(BLOCK, place, part.length, await pack(part));
      place += part.length;
    }
    this.#isLive = true;
  }
}

/** Puts a sale on the screen, the newest on top. */
function show({ number, total_minor }) {
  const row = document.createElement('li');
  row.append(cell(number), ' ', cell((total_minor / 100).toFixed(2)));
  const list = document.querySelector('#sales');
  list.prepend(row);
  if (list.children.length > ROWS_MAX) list.lastChild.remove();
}

function cell(text) {
  return Object.assign(document.createElement('span'), { textContent: text });
}

window.floor = new Floor();
await window.floor.open();
/** When the first scan could be taken, in milliseconds since the page was asked for. */
window.openedAfter_ms = performance.now();
