// A shop of a few days: selling, the first sync, the other screen, reopening, catching up.
import { enter, sellMany, showToday, startTill, untilPacked } from './app.mjs';
import { measureCatchUp } from './catch-up.mjs';
import { measureCommits } from './commit.mjs';
import { measureFirstSync } from './first-sync.mjs';
import { loadFloor, startFloor } from './floor.mjs';
import { measureLive } from './live.mjs';
import { measureReopening } from './reopen.mjs';

/** Sales on the heels of each other: caches are warm, and the screen draws the last one still. */
const BRISK_MS = [5, 5];
/** As long as it takes to lay down one item: sales don't come in step with anything. */
const SPACED_MS = [20, 50];

/**
 * What a till takes up to `count` sales: `{ till, brisk, spaced, sync, live, reopening, catchUp }`,
 * the till with its owner signed in. `wanted` is `{ count, rounds, each, runs, missed }`; `keep` is
 * handed each device that is started, or what starts it, and gives the device.
 */
export async function measureOrdinary({ server, floorServer, workload, wanted, keep, tell }) {
  const { count, rounds, each, runs, missed } = wanted;
  tell('A shop is founded, three floors are opened');
  const till = await keep(startTill(server));
  const plain = await keep(startFloor('plain', floorServer));

  tell(`Sales on the disk: ${rounds} rounds of ${each}, 5 ms apart and 20–50 ms apart`);
  const sides = { till, floor: plain, workload, rounds, count: each, tell };
  // Not counted: browsers compile what is used often, and till and floor have just been opened.
  await measureCommits({ ...sides, first: 0, rounds: 1, pause_ms: BRISK_MS, tell: () => {} });
  const brisk = await measureCommits({ ...sides, first: each, pause_ms: BRISK_MS });
  const spaced = await measureCommits({ ...sides, first: each + rounds * each, pause_ms: SPACED_MS });

  tell(`Selling up to ${count}`);
  const sold = each + 2 * rounds * each;
  await sellMany(till, workload.forConsole(sold, count - sold), tell);
  await loadFloor(plain, sold, count);
  const deflated = await keep(startFloor('deflated', floorServer, 'deflated'));
  await loadFloor(deflated, 0, count);
  const singles = await keep(startFloor('singles', floorServer));
  await loadFloor(singles, 0, count, 'singles');
  await untilPacked(till);

  tell(`First sync of ${count}: ${runs} newcomers`);
  const floors = { plain, deflated };
  const { measured: sync, screen, floorScreen } = await measureFirstSync({ server, till, floors, count, runs, tell });
  await keep(screen);
  await keep(floorScreen);

  tell(`Sales to the other screen: ${rounds} rounds of ${each}`);
  await showToday(screen, till, server);
  const [app, floor] = [{ seller: till, screen }, { seller: plain, screen: floorScreen }];
  const live = await measureLive({
    app, floor, workload, first: count, rounds: rounds + 1, count: each, pause_ms: SPACED_MS, tell,
  });
  for (const warmingUp of Object.values(live)) warmingUp.shift();
  await screen.close();
  await floorScreen.close();

  tell(`Reopening: ${runs} times`);
  const reopening = await measureReopening({ till, address: `${server.origin}/`, floors: { packed: plain, singles }, runs, tell });

  tell(`Catching up on ${missed} sales: ${runs} times`);
  await enter(till);
  const next = count + (rounds + 1) * each;
  const returns = await measureCatchUp({
    server, till, screen, floor: deflated, workload, first: next, runs, count: missed, tell,
  });
  const catchUp = { sold: missed, held: count, ...returns };
  return { till, brisk, spaced, sync, live, reopening, catchUp };
}
