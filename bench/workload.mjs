// The sales that everything here sells: real baskets, as the app's console takes them and as the
// floor keeps them.
import { createHash } from 'node:crypto';

import { baskets, groceries } from '../tests/lib/data.mjs';
import { totalOf } from '../tests/lib/till.mjs';

const FIRST_SALE = Date.UTC(2026, 0, 2, 8);
const BETWEEN_SALES_MS = 37_000;

/** More than the real data has; of made-up ones as many. */
const BASKETS = 10_000;

/** Sales of real baskets, as many as are wanted; the baskets come again when they are used up. */
export class Workload {
  constructor() {
    this.carried = baskets(BASKETS).map((names) => names.filter(Boolean));
    this.shelf = groceries();
  }

  /** `count` sales from number `first` on, as `tillmesh.sell` takes them. */
  forConsole(first, count) {
    return this.#each(first, count, (goods) => ({
      lines: goods.map(({ code }) => ({ code, quantity_milli: 1_000 })),
      tenders: [{ kind: 'cash', amount_minor: totalOf(goods) }],
    }));
  }

  /** The same sales as documents. */
  forFloor(first, count) {
    return this.#each(first, count, (goods, number) => ({
      id: idOf(number),
      terminal: 'A',
      number: `A-${number + 1}`,
      at: new Date(FIRST_SALE + number * BETWEEN_SALES_MS).toISOString(),
      cashier: 'Ada',
      lines: goods.map(({ code, name, minor }) => ({
        sku: code, name, quantity_milli: 1_000, unit_price_minor: minor, tax_percent: 20, total_minor: minor,
      })),
      tenders: [{ kind: 'cash', amount_minor: totalOf(goods) }],
      total_minor: totalOf(goods),
    }));
  }

  #each(first, count, make) {
    return Array.from({ length: count }, (_, i) => {
      const names = this.carried[(first + i) % this.carried.length];
      return make(names.map((name) => ({ name, ...this.shelf.get(name) })), first + i);
    });
  }
}

/** An id that does not compress, as random ones don't, and is the same in every run. */
function idOf(number) {
  const hex = createHash('sha256').update(String(number)).digest('hex');
  return [8, 4, 4, 4, 12].reduce(({ start, parts }, length) => (
    { start: start + length, parts: [...parts, hex.slice(start, start + length)] }
  ), { start: 0, parts: [] }).parts.join('-');
}
