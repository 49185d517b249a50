// The floor's devices: pages of bench/floor in browsers like those of the app, with a server of
// their own.
import fs from 'node:fs';
import http from 'node:http';
import { once } from 'node:events';

import { startDevice } from '../tests/lib/shop.mjs';

const FILES = new Map([
  ['/', ['page.html', 'text/html']],
  ['/floor.js', ['floor.js', 'text/javascript']],
  ['/channel.js', ['channel.js', 'text/javascript']],
  ['/store.js', ['store.js', 'text/javascript']],
]);

/**
 * Serves the floor's page on a free port of this machine, and at `/sales.json?first=…&last=…` sales
 * of the workload, the last one not included.
 */
export class FloorServer {
  static async start(workload) {
    const server = http.createServer((request, answer) => {
      const { pathname, searchParams } = new URL(request.url, 'http://here');
      if (pathname === '/sales.json') {
        const [first, last] = ['first', 'last'].map((name) => Number(searchParams.get(name)));
        const text = JSON.stringify(workload.forFloor(first, last - first));
        answer.writeHead(200, { 'content-type': 'application/json' }).end(text);
      } else if (FILES.has(pathname)) {
        const [file, type] = FILES.get(pathname);
        const content = fs.readFileSync(new URL(`floor/${file}`, import.meta.url));
        answer.writeHead(200, { 'content-type': type }).end(content);
      } else {
        answer.writeHead(204).end(); // Browsers ask for an icon.
      }
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const origin = `http://127.0.0.1:${server.address().port}`;
    return Object.assign(new FloorServer(), { server, origin });
  }

  async stop() {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}

/** Starts a device of the floor with nothing on it. */
export async function startFloor(name, server, form = 'plain') {
  const device = await startDevice(`floor-${name}`);
  device.server = server;
  await openFloor(device, form);
  return device;
}

/** Opens the floor's page; its store is open then. Blocks are kept and sent `plain` or `deflated`. */
export async function openFloor(device, form = 'plain') {
  await device.open(`${device.server.origin}/?form=${form}`);
  await device.page.waitForFunction(() => window.openedAfter_ms !== undefined);
}

/** Keeps the sales from `first` to before `last`: in blocks, or each by itself. */
export function loadFloor({ page }, first, last, packing = 'blocks') {
  return page.evaluate(async ([start, end, how]) => {
    const wanted = await (await fetch(`/sales.json?first=${start}&last=${end}`)).json();
    await (how === 'blocks' ? window.floor.load(wanted) : window.floor.loadSingles(wanted));
    return window.floor.sales.length;
  }, [first, last, packing]);
}

/** Sells on the floor, one sale after the other. */
export function addToFloor({ page }, sales) {
  return page.evaluate(async (wanted) => {
    for (const sale of wanted) await window.floor.add(sale);
  }, sales);
}
