// A device that has nothing gets a shop's sales: the app, the floor, and the floor with blocks
// deflated, in turns.
import { startNewcomer } from './app.mjs';
import { startFloor } from './floor.mjs';
import { linkApps, linkFloors } from './link.mjs';
import { memoryOf } from './memory.mjs';

const FORMS = ['plain', 'deflated'];

/**
 * What `runs` newcomers took, one after the other: `{ app, plain, deflated }`, each a list of
 * `{ milliseconds, wire, payload, memory }`, the latter three in bytes. `till` and `floors` (plain,
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
      const linked = await linkFloors(floors[form], floorScreen, count);
      measured[form].push({ ...linked, memory: await memoryOf(floorScreen) });
    }
    await screen?.discard();
    screen = await startNewcomer(server);
    const linked = await letInTo(till, screen, `Screen ${count}-${run}`, count);
    measured.app.push({ ...linked, memory: await memoryOf(screen) });
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

/** Lets a newcomer in as the owner's: it may show the day. */
export function letInTo(till, newcomer, name, count) {
  const [offered, consent] = [[{ deviceName: name }], [{ name, role: 'owner' }]];
  return linkApps(till, newcomer, { name, count, offered, consent });
}
