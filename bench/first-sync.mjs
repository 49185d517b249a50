// A device that has nothing gets a shop's sales: the app, the floor, and the floor with blocks
// deflated, in turns.
import { connectionsOf } from '../tests/lib/connections.mjs';
import { call } from '../tests/lib/console.mjs';
import { startNewcomer } from './app.mjs';
import { difference } from './clocks.mjs';
import { startFloor } from './floor.mjs';

const FORMS = ['plain', 'deflated'];
const LIMIT_MS = 600_000;
/** How often the pages look whether all is there. */
const LOOK_MS = 20;

/**
 * What `runs` newcomers took, one after the other: `{ app, plain, deflated }`, each a list of
 * `{ milliseconds, wire, payload }`, the latter two in bytes. `till` and `floors` (plain,
 * deflated) hold `count` sales. The last newcomers stay: `{ screen, floorScreen }`, linked, the
 * floor's one in the plain form.
 */
export async function measureFirstSync({ server, till, floors, count, runs, tell }) {
  const measured = { app: [], plain: [], deflated: [] };
  let [screen, floorScreen] = [];
  for (let run = 1; run <= runs; run += 1) {
    for (const form of FORMS.toReversed()) {
      await floorScreen?.discard();
      floorScreen = await startFloor('screen', floors[form].server, form);
      measured[form].push(await syncFloor(floors[form], floorScreen, count));
    }
    await screen?.discard();
    screen = await startNewcomer(server);
    measured.app.push(await syncApp(till, screen, `Screen ${run}`, count));
    tell(`run ${run} of ${runs}: ${said(measured)}`);
  }
  return { measured, screen, floorScreen };
}

function said(measured) {
  const latest = Object.entries(measured).map(([who, runs]) => (
    `${who} ${(runs.at(-1).milliseconds / 1_000).toFixed(2)} s`
  ));
  return latest.join(', ');
}

async function syncFloor(till, newcomer, count) {
  const offer = await newcomer.page.evaluate(() => window.floor.offer());
  const answer = await till.page.evaluate((card) => window.floor.answer(card), offer);
  const milliseconds = await newcomer.page.evaluate(async ([card, wanted]) => {
    const start = performance.now();
    await window.floor.accept(card, wanted);
    return performance.now() - start;
  }, [answer, count]);
  return { milliseconds, ...await bytesOf(newcomer) };
}

/**
 * From the newcomer's taking of the answer card until it counts every sale, and the till has
 * its signed word that all of them are on its disk.
 */
async function syncApp(till, newcomer, name, count) {
  const clock_ms = await difference(newcomer, till);
  const offer = await call(newcomer, 'offer', { deviceName: name });
  const answer = await call(till, 'answer', offer, { name, role: 'owner' });
  const kept = keptAt(till, name);
  const { started, counted } = await newcomer.page.evaluate(async ([card, wanted, look_ms, limit_ms]) => {
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
  return { milliseconds: ended - started, ...await bytesOf(newcomer) };
}

/** When the till knew, by its own clock, that nothing it has is missing there. */
function keptAt({ page }, name) {
  return page.evaluate(async ([wanted, look_ms, limit_ms]) => {
    const end = performance.now() + limit_ms;
    for (;;) {
      const peer = (await window.tillmesh.peers()).find((one) => one.name === wanted);
      if (peer && peer.lacks === 0) return performance.timeOrigin + performance.now();
      if (performance.now() > end) throw new Error(`${wanted} lacks ${peer?.lacks}`);
      await new Promise((resolve) => { setTimeout(resolve, look_ms); });
    }
  }, [name, LOOK_MS, LIMIT_MS]);
}

/** What the newcomer received in all: over the network, and of that for the app. */
async function bytesOf(newcomer) {
  const all = await connectionsOf(newcomer);
  const sum = (part) => all.reduce((total, connection) => total + connection[part].received, 0);
  return { wire: sum('transport'), payload: sum('channels') };
}
