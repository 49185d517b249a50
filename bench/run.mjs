// `cargo xtask bench`: the app beside the floor, in one run on one machine. With --long also a shop
// of months, with --backlog only a device that comes back after a million sales; --quick is for those
// who change the bench.
import fs from 'node:fs';

import { dist } from '../tests/lib/environment.mjs';
import { hasData } from '../tests/lib/data.mjs';
import { Server } from '../tests/lib/server.mjs';
import { measureBacklog } from './backlog.mjs';
import { FloorServer } from './floor.mjs';
import { measureLarge } from './large.mjs';
import { load, machine, requireDisk, versions } from './machine.mjs';
import { measureOrdinary } from './ordinary.mjs';
import { page, table } from './report.mjs';
import { rowsOf } from './rows.mjs';
import { measureSizes } from './sizes.mjs';
import { Workload } from './workload.mjs';

const PAGE = new URL('../docs/benchmarks.md', import.meta.url);
const FULL = { count: 10_000, rounds: 10, each: 60, runs: 5, missed: 1_000 };
const QUICK = { count: 500, rounds: 2, each: 20, runs: 1, missed: 100 };
const LARGE = { count: 50_000, runs: 3, missed: 1_000, arriving: 100_000, idle: 200 };
const BACKLOG = 1_000_000;
const BACKLOG_QUICK = 20_000;
const LARGE_QUICK = { count: 2_000, runs: 1, missed: 100, arriving: 3_000, idle: 20 };

const [isQuick, isLong] = ['--quick', '--long'].map((word) => process.argv.includes(word));
const size = isQuick ? QUICK : FULL;
const largeSize = isQuick ? LARGE_QUICK : LARGE;
const started = performance.now();
// As it is now: others may commit while this runs.
const setting = { machine: machine(), versions: versions(), date: new Date().toISOString().slice(0, 10) };
const loadBefore = load();

function tell(words) {
  console.log(`[${Math.round((performance.now() - started) / 1_000)} s] ${words}`);
}

requireDisk();
if (process.argv.includes('--backlog')) {
  await backlog(isQuick ? BACKLOG_QUICK : BACKLOG);
  process.exit(0);
}
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
  fs.writeFileSync(PAGE, page({ rows, measured, ...setting, load: [loadBefore, load()], minutes }));
  console.log('Written to docs/benchmarks.md');
}

async function measure() {
  const workload = new Workload();
  const about = { sizes: measureSizes(dist()), bytes: documentBytes(workload, size.count) };
  const server = await Server.start();
  const floorServer = await FloorServer.start(workload);
  const opened = [];
  const keep = async (starting) => {
    const device = await starting;
    opened.push(device);
    return device;
  };
  const shop = { server, floorServer, workload, tell };
  try {
    const { till, sync, catchUp, ...ordinary } = await measureOrdinary({ ...shop, wanted: size, keep });
    const syncs = [{ count: size.count, sync }];
    if (!isLong) return { ...about, ...ordinary, syncs, catchUps: [catchUp], arrivals: [] };

    for (const device of opened.filter((one) => one !== till)) await device.discard();
    const large = await measureLarge({ ...shop, till, wanted: largeSize });
    return {
      ...about,
      ...ordinary,
      syncs: [...syncs, { count: large.count, sync: large.sync }],
      catchUps: [catchUp, large.catchUp],
      arrivals: [large.arrival],
    };
  } finally {
    for (const device of opened) await device.discard();
    await server.kill();
    await floorServer.stop();
  }
}

/** A million sales at once, beside nothing: no floor keeps as much. */
async function backlog(count) {
  const server = await Server.start();
  try {
    const measured = await measureBacklog({ server, workload: new Workload(), count, tell });
    const { milliseconds, memory, before, tillMemory, tasks, said, reopening } = measured;
    const [megabytes, seconds] = [(bytes) => Math.round(bytes / 1e6), (ms) => (ms / 1_000).toFixed(1)];
    console.log(`\n${setting.date}, ${setting.machine}, ${setting.versions}, load ${loadBefore} before and ${load()} after`);
    console.log(`${count} sales in ${seconds(milliseconds)} s: ${Math.round(count / milliseconds * 1_000)} a second`);
    console.log(`private memory: ${megabytes(before)} MB before, ${megabytes(memory)} MB at the most; of the till ${megabytes(tillMemory)} MB`);
    console.log(`tasks over 50 ms: ${tasks.length}, the longest ${Math.round(Math.max(0, ...tasks))} ms`);
    console.log(`the next start: ${seconds(reopening)} s`);
    const step = Math.max(1, Math.floor(said.length / 8));
    for (const { line } of said.filter((_, at) => at % step === 0)) console.log(`  ${line}`);
  } finally {
    await server.kill();
  }
}

/** The size of a sale as a document, on the average. */
function documentBytes(workload, count) {
  const documents = workload.forFloor(0, count);
  return documents.reduce((sum, sale) => sum + JSON.stringify(sale).length, 0) / count;
}
