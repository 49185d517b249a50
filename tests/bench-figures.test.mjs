// The arithmetic behind docs/benchmarks.md. The bench itself needs a quiet machine and is no test.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { overRounds, overRuns, quantile, written, writtenWithSpread } from '../bench/figures.mjs';
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

test('a target is met at its limit and missed beyond it', () => {
  const commits = { app: [[15]], floor: [[10]], raw: [[9]] };
  const live = { app: [[16]], floor: [[10]] };
  const run = (milliseconds, wire) => [{ milliseconds, wire, payload: wire }];
  const rows = rowsOf({
    count: 100,
    brisk: commits,
    spaced: commits,
    live,
    sync: { app: run(125, 500), plain: run(300, 9_000), deflated: run(100, 1_000) },
    catchUps: [{ sold: 10, held: 100, app: [{ milliseconds: 150, counted: 80 }], deflated: [{ milliseconds: 100 }] }],
    reopening: { app: [301], packed: [100], singles: [200] },
    sizes: { app: 600_000, worker: 120_001 },
  });
  assert.deepEqual(rows.map(({ isMet }) => isMet), [true, true, true, true, false, true, true, true, false, true, true, false]);
  assert.equal(rows[0].target, '≤ 1.5 × floor, is 1.50');
});
