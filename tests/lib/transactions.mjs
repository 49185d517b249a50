// Which transactions a page makes in IndexedDB, and when. They are noted, nothing about them is
// changed.

export class TransactionLog {
  /** Notes the transactions of every page that the device opens from now on. */
  static async of(device) {
    await device.context.addInitScript(note);
    return Object.assign(new TransactionLog(), { device });
  }

  /**
   * Those that have ended, in the order in which they began: `{ connection, mode, durability,
   * from, to }`, the connection as a number, times in ms since 1970 by the page's clock.
   */
  async all() {
    return (await this.device.page.evaluate(() => window.tillmeshTransactions)).filter(({ to }) => to);
  }
}

/** Runs in the page. */
function note() {
  const noted = [];
  window.tillmeshTransactions = noted;
  const now = () => performance.timeOrigin + performance.now();
  const connections = new Map();
  const numberOf = (connection) => {
    if (!connections.has(connection)) connections.set(connection, connections.size);
    return connections.get(connection);
  };
  const { transaction } = IDBDatabase.prototype;
  IDBDatabase.prototype.transaction = function noting(...words) {
    const begun = transaction.apply(this, words);
    const entry = { connection: numberOf(this), mode: begun.mode, durability: begun.durability, from: now() };
    noted.push(entry);
    for (const end of ['complete', 'abort']) begun.addEventListener(end, () => { entry.to = now(); });
    return begun;
  };
}

/** A disk that takes its time: what is committed while it is held is told only when it is let go. */
export class SlowDisk {
  /** Stands before the disk of every page that the device opens from now on. */
  static async of(device) {
    await device.context.addInitScript(delay);
    return Object.assign(new SlowDisk(), { device });
  }

  hold() {
    return this.device.page.evaluate(() => window.tillmeshDisk.hold());
  }

  release() {
    return this.device.page.evaluate(() => window.tillmeshDisk.release());
  }
}

/** Runs in the page. */
function delay() {
  let [held, untold] = [false, []];
  const { transaction } = IDBDatabase.prototype;
  IDBDatabase.prototype.transaction = function delaying(...words) {
    const begun = transaction.apply(this, words);
    begun.addEventListener('complete', (event) => {
      if (!held) return;
      event.stopImmediatePropagation();
      untold.push(begun);
    });
    return begun;
  };
  window.tillmeshDisk = {
    hold() { held = true; },
    release() {
      held = false;
      for (const begun of untold.splice(0)) begun.dispatchEvent(new Event('complete'));
    },
  };
}
