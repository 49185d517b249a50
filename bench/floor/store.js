// Where the floor keeps its sales: packed blocks, and each sale since the last block by itself.

/** Sales of a full block. */
export const BLOCK_SALES = 256;

const STORES = ['blocks', 'singles', 'barrier'];

export class Store {
  static async open(name) {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      for (const store of STORES) request.result.createObjectStore(store);
    };
    return Object.assign(new Store(), { database: await answer(request) });
  }

  /** Keeps a block whose first sale has that place. The next barrier makes it durable. */
  putBlock(place, bytes) {
    return this.#write('blocks', 'relaxed', (store) => store.put(bytes, place));
  }

  /** Keeps the text of one sale, on the disk when this resolves. */
  putSingle(place, text) {
    return this.#write('singles', 'strict', (store) => store.put(text, place));
  }

  /** Keeps many sales by themselves. The next barrier makes them durable. */
  putSingles(place, texts) {
    return this.#write('singles', 'relaxed', (store) => (
      texts.forEach((text, i) => store.put(text, place + i))
    ));
  }

  /** Resolves when everything that was kept before is on the disk. */
  barrier() {
    return this.#write('barrier', 'strict', (store) => store.put(Date.now(), 0));
  }

  /** The block whose first sale has that place. */
  block(place) {
    return answer(this.database.transaction('blocks').objectStore('blocks').get(place));
  }

  /** Everything: `[place, bytes or text]`, in the order of places. */
  async all() {
    const reading = this.database.transaction(['blocks', 'singles']);
    const read = (name) => {
      const store = reading.objectStore(name);
      return Promise.all([answer(store.getAllKeys()), answer(store.getAll())]);
    };
    const parts = await Promise.all([read('blocks'), read('singles')]);
    const rows = parts.flatMap(([places, values]) => places.map((place, i) => [place, values[i]]));
    return rows.sort(([one], [other]) => one - other);
  }

  #write(name, durability, put) {
    const writing = this.database.transaction(name, 'readwrite', { durability });
    put(writing.objectStore(name));
    return new Promise((resolve, reject) => {
      writing.oncomplete = resolve;
      writing.onabort = () => reject(writing.error);
    });
  }
}

function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
