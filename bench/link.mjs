// Two devices that meet by cards: how long until the one that asked has what the other holds, and
// what that took.
import { connectionsOf } from '../tests/lib/connections.mjs';
import { call } from '../tests/lib/console.mjs';
import { difference } from './clocks.mjs';

const LIMIT_MS = 600_000;
/** How often the pages look whether all is there. */
const LOOK_MS = 20;

/**
 * From the taking of the answer card until the floor's device has `count` sales, all parsed and
 * behind a strict barrier: `{ milliseconds, wire, payload }`, the latter two in bytes.
 */
export async function linkFloors(till, screen, count) {
  const offer = await screen.page.evaluate(() => window.floor.offer());
  const answer = await till.page.evaluate((card) => window.floor.answer(card), offer);
  const milliseconds = await screen.page.evaluate(async ([card, wanted]) => {
    const start = performance.now();
    await window.floor.accept(card, wanted);
    return performance.now() - start;
  }, [answer, count]);
  return { milliseconds, ...await bytesOf(screen) };
}

/**
 * From the taking of the answer card until the app's device counts `count` sales, and the till
 * has its signed word that all of them are on its disk: as `linkFloors`, and `counted`, the
 * milliseconds until it counted them. `offered` and `consent` are what `offer` and `answer` of the
 * console take; a device that is known to the till as `name` needs neither.
 */
export async function linkApps(till, screen, { name, count, offered = [], consent = [] }) {
  const clock_ms = await difference(screen, till);
  const offer = await call(screen, 'offer', ...offered);
  const answer = await call(till, 'answer', offer, ...consent);
  const kept = keptAt(till, name);
  const { started, counted } = await screen.page.evaluate(async ([card, wanted, look_ms, limit_ms]) => {
    const now = () => performance.timeOrigin + performance.now();
    const begin = now();
    const linked = window.tillmesh.accept(card);
    for (;;) {
      const { sales } = await window.tillmesh.counts().catch(() => ({ sales: 0 }));
      if (sales >= wanted) break;
      if (now() > begin + limit_ms) throw new Error(`${sales} of ${wanted} sales came`);
      await new Promise((resolve) => { setTimeout(resolve, look_ms); });
    }
    const end = now();
    await linked;
    return { started: begin, counted: end };
  }, [answer, count, LOOK_MS, LIMIT_MS]);
  const ended = Math.max(counted, await kept - clock_ms);
  return { milliseconds: ended - started, counted: counted - started, ...await bytesOf(screen) };
}

/** When the till knew, by its own clock, that nothing it has is missing there. */
function keptAt({ page }, name) {
  return page.evaluate(async ([wanted, look_ms, limit_ms]) => {
    const end = performance.now() + limit_ms;
    for (;;) {
      const peer = (await window.tillmesh.peers()).find((one) => one.name === wanted);
      if (peer && peer.state === 'connected' && peer.lacks === 0) return performance.timeOrigin + performance.now();
      if (performance.now() > end) throw new Error(`${wanted} lacks ${peer?.lacks}`);
      await new Promise((resolve) => { setTimeout(resolve, look_ms); });
    }
  }, [name, LOOK_MS, LIMIT_MS]);
}

/** What a device received in all: over the network, and of that for the app. */
async function bytesOf(device) {
  const all = await connectionsOf(device);
  const sum = (part) => all.reduce((total, connection) => total + connection[part].received, 0);
  return { wire: sum('transport'), payload: sum('channels') };
}
