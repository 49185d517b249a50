// The arithmetic behind docs/benchmarks.md. The bench itself needs a quiet machine and is no test.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { overRounds, overRuns, quantile, written, writtenWithSpread } from '../bench/figures.mjs';
import { privateBytes } from '../bench/memory.mjs';
import { page } from '../bench/report.mjs';
import { rowsOf } from '../bench/rows.mjs';

test('a quantile lies between the two measurements beside it', () => {
  assert.equal(quantile([4, 1, 3, 2], 0.5), 2.5);
  assert.equal(quantile([1, 2, 3], 1), 3);
  assert.equal(quantile([7], 0.99), 7);
  assert.throws(() => quantile([], 0.5), /nothing was measured/);
});

test('a figure of rounds is that of all measurements, with the best and the worst round beside it', () => {
  assert.deepEqual(overRounds([[1, 1, 1], [5, 5, 5, 5]], 0.5), { value: 5, least: 1, most: 5 });
  assert.deepEqual(overRuns([3, 9, 4]), { value: 4, least: 3, most: 9 });
});

test('numbers are written with three digits, and with their spread if there is one', () => {
  assert.equal(written(2.345), '2.35');
  assert.equal(written(23.45), '23.4');
  assert.equal(written(12_345.6), '12,346');
  assert.equal(writtenWithSpread({ value: 2, least: 1, most: 3 }), '2.00 (1.00–3.00)');
  assert.equal(writtenWithSpread({ value: 2, least: 2, most: 2 }), '2.00');
});

const commits = { app: [[15]], floor: [[10]], raw: [[9]] };
const run = (milliseconds, wire) => [{ milliseconds, wire, payload: wire, memory: 60_000_000 }];
const sync = { app: run(125, 500), plain: run(300, 9_000), deflated: run(100, 1_000) };
const MEASURED = {
  bytes: 700,
  brisk: commits,
  spaced: commits,
  live: { app: [[16]], floor: [[10]] },
  syncs: [{ count: 100, sync }],
  reopening: { app: [301], packed: [100], singles: [200] },
  catchUps: [{ sold: 10, held: 100, app: [{ milliseconds: 150, counted: 80 }], deflated: [{ milliseconds: 100 }] }],
  arrivals: [],
  sizes: { app: 600_000, worker: 120_001 },
};

test('a target is met at its limit and missed beyond it', () => {
  const rows = rowsOf(MEASURED);
  assert.deepEqual(rows.map(({ isMet }) => isMet), [true, true, true, true, false, true, true, true, true, false, true, true, false]);
  assert.equal(rows[0].target, '≤ 1.5 × floor, is 1.50');
});

test('more may be kept of the memory where more is held', () => {
  const of = (count, memory) => rowsOf({
    ...MEASURED, syncs: [{ count, sync: { ...sync, app: [{ ...sync.app[0], memory }] } }],
  }).find(({ what }) => what.startsWith('Private memory after')).isMet;
  assert.deepEqual([of(10_000, 60_000_001), of(50_000, 60_000_001), of(50_000, 80_000_001)], [false, true, false]);
});

test('what arrives must neither halt the page nor fill it, nor keep a sale waiting', () => {
  const quiet = { milliseconds: 1_000, idle: [10], meanwhile: [30], tasks: [], memory: 250_000_000 };
  const metBy = (...runs) => rowsOf({ ...MEASURED, arrivals: [{ count: 1_000, runs }] })
    .filter(({ what }) => what.startsWith('While 1,000 sales arrive')).map(({ isMet }) => isMet);
  assert.deepEqual(metBy(quiet), [true, true, true]);
  assert.deepEqual(metBy(quiet, { ...quiet, tasks: [51] }), [false, true, true]);
  assert.deepEqual(metBy({ ...quiet, meanwhile: [31] }), [true, false, true]);
  assert.deepEqual(metBy(quiet, quiet, { ...quiet, memory: 250_000_001 }), [true, true, false]);
});

test('private memory is what a process shares with nobody', () => {
  const rollup = ['Rss: 900 kB', 'Shared_Dirty: 300 kB', 'Private_Clean:         100 kB', 'Private_Dirty: 20 kB', 'Private_Hugetlb: 8 kB', ''];
  assert.equal(privateBytes(rollup.join('\n')), 120 * 1_024);
  assert.throws(() => privateBytes('nothing'), /no smaps_rollup/);
});

test('the page that is kept names every miss, and what one run did not measure', () => {
  const quiet = { milliseconds: 1_000, idle: [10], meanwhile: [30], tasks: [], memory: 1 };
  const pageOf = (measured) => page({
    rows: rowsOf(measured), measured, machine: 'a machine', versions: 'a commit', date: '2026-01-02', load: ['0.0', '1.0'], minutes: 5,
  });
  const ordinary = pageOf(MEASURED);
  assert.match(ordinary, /^- Reopening until a sale can begin, ms: 301; .*Target ≤ 300\.$/m);
  assert.match(ordinary, /--long/);
  const long = pageOf({ ...MEASURED, arrivals: [{ count: 1_000, runs: [quiet] }] });
  assert.match(long, /^- \*\*While 1,000 sales arrive\*\*/m);
  assert.doesNotMatch(long, /--long/);
});
