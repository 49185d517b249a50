// What was measured as rows: our figure, what stands beside it, and the target.
import { overRounds, overRuns, written, writtenWithSpread } from './figures.mjs';

const LIMITS = {
  commit: { p50: 1.5, p99: 1.5 },
  live: { p50: 1.5, p99: 2 },
  sync_rate: 0.8,
  sync_bytes: 0.5,
  /** Sales held, and what may be kept of the memory then. */
  memory_bytes: [[10_000, 60_000_000], [50_000, 80_000_000]],
  reopen_ms: 300,
  catch_up: 1.5,
  arrival: { p99: 3, memory_bytes: 250_000_000 },
  app_bytes: 600_000,
  worker_bytes: 120_000,
};

/**
 * Every figure as a row: `{ what, ours, floors, target, isMet }`, in words but for the last.
 * `floors` begins with the one that the target is about.
 */
export function rowsOf({ brisk, spaced, live, syncs, reopening, catchUps, arrivals, sizes }) {
  return [
    ...latencyRows('Sale on the disk, one each 5 ms', brisk, LIMITS.commit),
    ...latencyRows('Sale on the disk, one each 20–50 ms', spaced, LIMITS.commit),
    ...latencyRows('Sale → text on the other screen', live, LIMITS.live),
    ...syncs.flatMap(({ count, sync }) => [rateRow(count, sync), bytesRow(count, sync), memoryRow(count, sync)]),
    reopenRow(reopening),
    ...catchUps.map(catchUpRow),
    ...arrivals.flatMap(arrivalRows),
    sizeRow('App to download', sizes.app, LIMITS.app_bytes),
    sizeRow('Service worker, of that', sizes.worker, LIMITS.worker_bytes),
  ];
}

function latencyRows(what, { app, floor, raw }, limits) {
  return [['p50', 0.5], ['p99', 0.99]].map(([name, share]) => {
    const [ours, theirs] = [overRounds(app, share), overRounds(floor, share)];
    const floors = [`floor ${writtenWithSpread(theirs)}`];
    if (raw) floors.push(`bare put ${writtenWithSpread(overRounds(raw, share))}`);
    const ratio = ours.value / theirs.value;
    return {
      what: `${what}, ${name}, ms`,
      ours: writtenWithSpread(ours),
      floors,
      target: `≤ ${limits[name]} × floor, is ${ratio.toFixed(2)}`,
      isMet: ratio <= limits[name],
    };
  });
}

function rateRow(count, sync) {
  const rate = (runs) => overRuns(runs.map(({ milliseconds }) => count / (milliseconds / 1_000)));
  const [ours, plain, deflated] = [sync.app, sync.plain, sync.deflated].map(rate);
  const ratio = ours.value / deflated.value;
  return {
    what: `First sync of ${written(count)}, sales/s`,
    ours: writtenWithSpread(ours),
    floors: [`deflated floor ${writtenWithSpread(deflated)}`, `floor ${writtenWithSpread(plain)}`],
    target: `≥ ${LIMITS.sync_rate} × deflated floor, is ${ratio.toFixed(2)}`,
    isMet: ratio >= LIMITS.sync_rate,
  };
}

function bytesRow(count, sync) {
  const each = (runs, part) => overRuns(runs.map((run) => run[part] / count));
  const [ours, plain, deflated] = [sync.app, sync.plain, sync.deflated].map((runs) => each(runs, 'wire'));
  const ratio = ours.value / deflated.value;
  return {
    what: `First sync of ${written(count)} on the network, bytes/sale`,
    ours: `${writtenWithSpread(ours)}, of that ${written(each(sync.app, 'payload').value)} in messages`,
    floors: [`deflated floor ${writtenWithSpread(deflated)}`, `floor ${writtenWithSpread(plain)}`],
    target: `≤ ${LIMITS.sync_bytes} × deflated floor, is ${ratio.toFixed(2)}`,
    isMet: ratio <= LIMITS.sync_bytes,
  };
}

function memoryRow(count, sync) {
  const each = (runs) => overRuns(runs.map(({ memory }) => memory / 1_000_000));
  const [ours, plain, deflated] = [sync.app, sync.plain, sync.deflated].map(each);
  const [, limit] = LIMITS.memory_bytes.find(([held]) => count <= held) ?? LIMITS.memory_bytes.at(-1);
  return {
    what: `Private memory after the first sync of ${written(count)}, MB`,
    ours: writtenWithSpread(ours),
    floors: [`deflated floor ${writtenWithSpread(deflated)}`, `floor ${writtenWithSpread(plain)}`],
    target: `≤ ${limit / 1_000_000}`,
    isMet: ours.value <= limit / 1_000_000,
  };
}

function reopenRow({ app, packed, singles }) {
  const ours = overRuns(app);
  return {
    what: 'Reopening until a sale can begin, ms',
    ours: writtenWithSpread(ours),
    floors: [`floor ${writtenWithSpread(overRuns(packed))}`, `floor that packs nothing ${writtenWithSpread(overRuns(singles))}`],
    target: `≤ ${LIMITS.reopen_ms}`,
    isMet: ours.value <= LIMITS.reopen_ms,
  };
}

function catchUpRow({ sold, held, app, deflated }) {
  const [ours, theirs] = [app, deflated].map((runs) => overRuns(runs.map(({ milliseconds }) => milliseconds)));
  const counted = overRuns(app.map((run) => run.counted));
  const ratio = ours.value / theirs.value;
  return {
    what: `Catching up on ${written(sold)} sales after a cut, ${written(held)} held, ms`,
    ours: `${writtenWithSpread(ours)}, of that ${written(counted.value)} until counted`,
    floors: [`deflated floor ${writtenWithSpread(theirs)}`],
    target: `≤ ${LIMITS.catch_up} × deflated floor, is ${ratio.toFixed(2)}`,
    isMet: ratio <= LIMITS.catch_up,
  };
}

function arrivalRows({ count, runs }) {
  const moment = `While ${written(count)} sales arrive`;
  const tasks = runs.flatMap((run) => run.tasks);
  const [meanwhile, idle] = ['meanwhile', 'idle'].map((when) => overRounds(runs.map((run) => run[when]), 0.99));
  const ratio = meanwhile.value / idle.value;
  const memory = overRuns(runs.map((run) => run.memory / 1_000_000));
  const limit = LIMITS.arrival.memory_bytes / 1_000_000;
  return [{
    what: `${moment}: tasks over 50 ms, of ${runs.length} runs`,
    ours: tasks.length === 0 ? 'none' : `${tasks.length}, the longest ${written(Math.max(...tasks))} ms`,
    floors: [],
    target: 'none',
    isMet: tasks.length === 0,
  }, {
    what: `${moment}: a sale on the disk, p99, ms`,
    ours: writtenWithSpread(meanwhile),
    floors: [`idle ${writtenWithSpread(idle)}`],
    target: `≤ ${LIMITS.arrival.p99} × idle, is ${ratio.toFixed(2)}`,
    isMet: ratio <= LIMITS.arrival.p99,
  }, {
    what: `${moment}: private memory at most, MB`,
    ours: writtenWithSpread(memory),
    floors: [],
    target: `≤ ${limit}`,
    isMet: memory.most <= limit,
  }];
}

function sizeRow(what, bytes, limit) {
  const kilobytes = (number) => `${Math.ceil(number / 1_000)} kB`;
  return {
    what: `${what}, brotli`, ours: kilobytes(bytes), floors: [], target: `≤ ${kilobytes(limit)}`, isMet: bytes <= limit,
  };
}
