// Figures as people read them: a table on the terminal, and a page that is kept.
import { overRounds, overRuns, quantile, written, writtenWithSpread } from './figures.mjs';

const LIMITS = {
  commit: { p50: 1.5, p99: 1.5 },
  live: { p50: 1.5, p99: 2 },
  sync_rate: 0.8,
  sync_bytes: 0.5,
  reopen_ms: 300,
  app_bytes: 600_000,
  worker_bytes: 120_000,
};

/**
 * Every figure as a row: `{ what, ours, floors, target, isMet }`, in words but for the last.
 * `floors` begins with the one that the target is about.
 */
export function rowsOf({ count, brisk, spaced, live, sync, reopening, sizes }) {
  return [
    ...latencyRows('Sale on the disk, one each 5 ms', brisk, LIMITS.commit),
    ...latencyRows('Sale on the disk, one each 20–50 ms', spaced, LIMITS.commit),
    ...latencyRows('Sale → text on the other screen', live, LIMITS.live),
    rateRow(count, sync),
    bytesRow(count, sync),
    reopenRow(reopening),
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
    what: 'The same on the network, bytes/sale',
    ours: `${writtenWithSpread(ours)}, of that ${written(each(sync.app, 'payload').value)} in messages`,
    floors: [`deflated floor ${writtenWithSpread(deflated)}`, `floor ${writtenWithSpread(plain)}`],
    target: `≤ ${LIMITS.sync_bytes} × deflated floor, is ${ratio.toFixed(2)}`,
    isMet: ratio <= LIMITS.sync_bytes,
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

function sizeRow(what, bytes, limit) {
  const kilobytes = (number) => `${Math.ceil(number / 1_000)} kB`;
  return {
    what: `${what}, brotli`, ours: kilobytes(bytes), floors: [], target: `≤ ${kilobytes(limit)}`, isMet: bytes <= limit,
  };
}

/** The rows for a terminal. */
export function table(rows) {
  const lines = rows.map(({ what, ours, floors, target, isMet }) => [
    what, ours, floors.join(', '), target, isMet ? 'met' : 'MISSED',
  ]);
  const all = [['', 'app', 'beside it', 'target', ''], ...lines];
  const widths = all[0].map((_, column) => Math.max(...all.map((line) => line[column].length)));
  return all.map((line) => line.map((cell, i) => cell.padEnd(widths[i])).join('  ').trimEnd()).join('\n');
}

/** The page that is kept: docs/benchmarks.md. */
export function page({ rows, measured, machine, versions, date, load, minutes }) {
  const cells = rows.map(({ what, ours, floors, target, isMet }) => (
    `| ${what} | ${ours} | ${floors.join('<br>')} | ${target} | ${isMet ? 'met' : '**missed**'} |`
  ));
  const missed = rows.filter(({ isMet }) => !isMet);
  return [
    '# Benchmarks',
    `Written by \`cargo xtask bench\` on ${date}: ${versions}. ${machine}. One run of ${minutes} minutes; load average ${load.join(' before, ')} after.`,
    ['| what | app | beside it | target | |', '|---|---|---|---|---|', ...cells].join('\n'),
    '## Where it loses',
    missed.length === 0 ? 'Every target is met.' : missed.map(({ what, ours, floors, target }) => (
      `- ${what}: ${[ours, ...floors].join('; ')}. Target ${target}.`
    )).join('\n'),
    '## What stands in the table',
    explained(measured),
    '## Medians round by round, ms',
    roundTable(measured),
  ].join('\n\n').concat('\n');
}

function explained({ count, brisk, spaced, live, sync, reopening, bytes }) {
  const size = ({ app }) => `${app.length} × ${app[0].length}`;
  return [
    `The sales are real baskets; as a document of the floor one is ${written(bytes)} bytes of JSON. In brackets: the least and the most of a round or run. App and floor take turns, so that whatever else the machine does meets both; ratios mean more than milliseconds.`,
    `- **Floor**: a page of some 300 lines of JavaScript (\`bench/floor\`) that does the least: strict single puts, packed blocks of 256, a bare data channel, no encryption, no signatures, no conflicts. *Deflated*: its blocks are compressed once and travel so.`,
    `- **Sale on the disk**: \`tillmesh.sell\` until it resolves, ${size(brisk)} sales with 5 ms between and ${size(spaced)} with 20–50 ms, after a round that warms up, on a till that is alone and shows Sell. *Bare put*: one sale, one strict transaction.`,
    `- **Text on the other screen**: from calling \`sell\` until a \`MutationObserver\` of the other device's Today sees the receipt number, ${size(live)} sales with 20–50 ms between, both devices holding ${written(count)}. It is on the seller's disk first, as on the floor's. Two Chromium processes; their clocks are compared by round trips.`,
    `- **First sync**: ${sync.app.length} newcomers, each from taking the answer card (connecting included) until it counts all sales and the till has its signed word that they are on its disk. Floor: until all are parsed and behind a strict barrier. Bytes are \`transport.bytesReceived\` of \`getStats\` at the newcomer.`,
    `- **Reopening**: ${reopening.app.length} new browser processes, from the navigation's start until the device answers and Sell or the PIN pad is shown; the till wrote every sale by itself. Floor: until its store is read; it kept ${written(count)} in blocks.`,
    '- **To download**: every file of the release build as the relay sends it.',
    'Not measured yet: 50,000 sales and more, memory, catching up after a cut, 50,000 products.',
  ].join('\n');
}

function roundTable({ brisk, spaced, live }) {
  const columns = [
    ['each 5 ms: app', brisk.app], ['floor', brisk.floor], ['bare put', brisk.raw],
    ['each 20–50 ms: app', spaced.app], ['floor', spaced.floor], ['bare put', spaced.raw],
    ['live: app', live.app], ['floor', live.floor],
  ];
  const rounds = Math.max(...columns.map(([, each]) => each.length));
  const rows = Array.from({ length: rounds }, (_, round) => [
    round + 1, ...columns.map(([, each]) => (each[round] ? written(quantile(each[round], 0.5)) : '')),
  ]);
  const head = ['round', ...columns.map(([name]) => name)];
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
