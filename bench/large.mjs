// A shop as it is after months: the first sync, catching up, and very many entries at once.
import { call } from '../tests/lib/console.mjs';
import { sellMany, untilPacked } from './app.mjs';
import { measureArrival, prepareReceivers } from './arrival.mjs';
import { measureCatchUp } from './catch-up.mjs';
import { measureFirstSync } from './first-sync.mjs';
import { loadFloor, startFloor } from './floor.mjs';

/**
 * What a till does that goes on selling until it has `count` sales, and then `arriving` more than
 * other devices have: `{ sync, catchUp, arrival }`. `wanted` is `{ count, runs, missed, arriving,
 * idle }`. The till is signed in; the relay is away in the end.
 */
export async function measureLarge({ server, floorServer, till, workload, wanted, tell }) {
  const { count, runs, missed, arriving, idle } = wanted;
  const opened = [];
  try {
    tell(`${runs} devices join that are switched on again when ${arriving} sales are new`);
    const { receivers, held } = await prepareReceivers({ server, till, runs });
    opened.push(...receivers);

    tell(`Selling up to ${count}`);
    await sellUpTo(till, workload, count, tell);
    const floors = await startFloors(floorServer, count);
    opened.push(...Object.values(floors));
    tell(`First sync of ${count}: ${runs} newcomers`);
    const { measured: sync, screen, floorScreen } = await measureFirstSync({ server, till, floors, count, runs, tell });
    opened.push(screen, floorScreen);
    await screen.close();
    await floorScreen.close();

    tell(`Catching up on ${missed} sales with ${count} held: ${runs} times`);
    const returns = await measureCatchUp({
      server, till, screen, floor: floors.deflated, workload, first: count, runs, count: missed, tell,
    });
    for (const device of [screen, floorScreen, ...Object.values(floors)]) await device.discard();

    tell(`Selling until ${arriving} are new to the devices that are off`);
    await sellUpTo(till, workload, held + arriving, tell);
    await server.kill();
    const { sales: first } = await call(till, 'counts');
    const arrival = await measureArrival({
      origin: server.origin, till, receivers, workload, first, idleSales: idle, tell,
    });
    return {
      count, sync, catchUp: { sold: missed, held: count, ...returns }, arrival: { count: arriving, runs: arrival },
    };
  } finally {
    for (const device of opened) await device.discard();
  }
}

async function sellUpTo(till, workload, count, tell) {
  const { sales } = await call(till, 'counts');
  if (sales > count) throw new Error(`${sales} sales are more than ${count}`);
  await sellMany(till, workload.forConsole(sales, count - sales), tell);
  await untilPacked(till);
}

async function startFloors(floorServer, count) {
  const floors = {};
  for (const form of ['plain', 'deflated']) {
    floors[form] = await startFloor(`large-${form}`, floorServer, form);
    await loadFloor(floors[form], 0, count);
  }
  return floors;
}
