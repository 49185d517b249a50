// `cargo xtask bench`: the app beside the floor, in one run on one machine.
import fs from 'node:fs';

import { dist } from '../tests/lib/environment.mjs';
import { hasData } from '../tests/lib/data.mjs';
import { Server } from '../tests/lib/server.mjs';
import { enter, sellMany, showToday, startTill } from './app.mjs';
import { measureCatchUp } from './catch-up.mjs';
import { measureCommits } from './commit.mjs';
import { measureFirstSync } from './first-sync.mjs';
import { FloorServer, loadFloor, startFloor } from './floor.mjs';
import { measureLive } from './live.mjs';
import { load, machine, requireDisk, versions } from './machine.mjs';
import { measureReopening } from './reopen.mjs';
import { page, table } from './report.mjs';
import { rowsOf } from './rows.mjs';
import { measureSizes } from './sizes.mjs';
import { Workload } from './workload.mjs';

const PAGE = new URL('../docs/benchmarks.md', import.meta.url);
const FULL = { count: 10_000, rounds: 10, each: 60, runs: 5, missed: 1_000 };
const QUICK = { count: 500, rounds: 2, each: 20, runs: 1, missed: 100 };

/** Sales on the heels of each other: caches are warm, and the screen draws the last one still. */
const BRISK_MS = [5, 5];
/** As long as it takes to lay down one item: sales don't come in step with anything. */
const SPACED_MS = [20, 50];

const isQuick = process.argv.includes('--quick');
const size = isQuick ? QUICK : FULL;
const started = performance.now();
// As it is now: others may commit while this runs.
const about = { machine: machine(), versions: versions(), date: new Date().toISOString().slice(0, 10) };
const loadBefore = load();

function tell(words) {
  console.log(`[${Math.round((performance.now() - started) / 1_000)} s] ${words}`);
}

requireDisk();
if (!hasData()) tell('TILLMESH_DATA is not set: made-up sales of the same shape stand in for real ones');
const measured = await measure();
const rows = rowsOf(measured);
console.log(`\n${table(rows)}\n`);
if (!hasData()) {
  console.log('Measured with made-up sales: docs/benchmarks.md, which speaks of real ones, stays as it is.');
} else if (isQuick) {
  console.log('A quick run: too few sales for figures that mean something, docs/benchmarks.md stays as it is.');
} else {
  const minutes = Math.round((performance.now() - started) / 60_000);
  fs.writeFileSync(PAGE, page({ rows, measured, ...about, load: [loadBefore, load()], minutes }));
  console.log('Written to docs/benchmarks.md');
}

async function measure() {
  const { count, rounds, each, runs, missed } = size;
  const workload = new Workload();
  const sizes = measureSizes(dist());
  const documents = workload.forFloor(0, count);
  const bytes = documents.reduce((sum, sale) => sum + JSON.stringify(sale).length, 0) / count;
  const server = await Server.start();
  const floorServer = await FloorServer.start(documents);
  const opened = [];
  try {
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

    tell(`First sync of ${count}: ${runs} newcomers`);
    const floors = { plain, deflated };
    const { measured: sync, screen, floorScreen } = await measureFirstSync({ server, till, floors, count, runs, tell });
    opened.push(screen, floorScreen);

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
    const catchUps = [{ sold: missed, held: count, ...returns }];
    return { count, bytes, sizes, brisk, spaced, sync, live, reopening, catchUps };
  } finally {
    for (const device of opened) await device.discard();
    await server.kill();
    await floorServer.stop();
  }

  /** Remembers what must be thrown away in the end. */
  async function keep(starting) {
    const device = await starting;
    opened.push(device);
    return device;
  }
}
