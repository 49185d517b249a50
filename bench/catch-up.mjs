// A device that was cut off gets what was sold meanwhile: the app and the deflated floor, in turns.
import { sellMany, showToday } from './app.mjs';
import { call, openApp } from '../tests/lib/console.mjs';
import { until } from '../tests/lib/until.mjs';
import { addToFloor, startFloor } from './floor.mjs';
import { linkApps, linkFloors } from './link.mjs';

/** A closed connection is told to the other side at once; hearing nothing takes 10 s. */
const CUT_MS_MAX = 20_000;

/**
 * What `runs` returns took after `count` sales each: `{ app, deflated }`, each a list of
 * `{ milliseconds, … }` as `link.mjs` gives them. `screen` is a closed device of the till's shop,
 * `floor` the till of the deflated floor; sales are taken from number `first` on. Nobody helps:
 * the relay is away meanwhile, or it would link them again as soon as they are cut.
 */
export async function measureCatchUp({ server, till, screen, floor, workload, first, runs, count, tell }) {
  await screen.reopen();
  await openApp(screen, `${server.origin}/`);
  await showToday(screen, till, server);
  const floorScreen = await startFloor('returning', floor.server, 'deflated');
  const measured = { app: [], deflated: [] };
  try {
    await linkFloors(floor, floorScreen, await held(floor));
    await server.kill();
    for (let run = 1; run <= runs; run += 1) {
      const start = first + (run - 1) * count;
      measured.deflated.push(await returnToFloor(floor, floorScreen, workload.forFloor(start, count)));
      measured.app.push(await returnToApp(till, screen, workload.forConsole(start, count)));
      tell(`run ${run} of ${runs}: ${said(measured)}`);
    }
  } finally {
    await floorScreen.discard();
  }
  await server.restart();
  return measured;
}

function said(measured) {
  const latest = Object.entries(measured).map(([who, runs]) => `${who} ${Math.round(runs.at(-1).milliseconds)} ms`);
  return latest.join(', ');
}

async function returnToFloor(till, screen, sales) {
  for (const { page } of [screen, till]) await page.evaluate(() => window.floor.cut());
  await addToFloor(till, sales);
  return linkFloors(till, screen, await held(till));
}

async function returnToApp(till, screen, sales) {
  const [self, other] = await Promise.all([screen, till].map(async (device) => (await call(device, 'status')).device));
  await call(screen, 'disconnect', other.id);
  await until('both are alone', async () => {
    const links = await Promise.all([screen, till].map(async (device) => (await call(device, 'status')).links));
    return links.flat().length === 0;
  }, CUT_MS_MAX);
  await sellMany(till, sales, () => {});
  const { sales: count } = await call(till, 'counts');
  return linkApps(till, screen, { name: self.name, count });
}

function held({ page }) {
  return page.evaluate(() => window.floor.sales.length);
}
