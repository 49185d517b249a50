// What is written of a run beside other products. The run itself needs a quiet machine and is no test.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { figuresOf, page } from '../bench/peers/page.mjs';

const sync = (...rates) => rates.map((salesPerS) => ({ ok: true, salesPerS, wireBytes: 1_000, uss: 2 ** 20, cpu: { foreignCores: 0.5 } }));
const RUN = {
  at: '2026-01-02T03:04:05Z',
  machine: { cpu: 'a processor', cores: 2, memGiB: 8, kernel: '6', node: 'v20' },
  chromium: 'Chromium 150',
  versions: { yjs: '1.2.3' },
  args: ['--n', '10', '--out', 'somewhere'],
  cells: [
    { peer: 'floor', n: 10, sync: sync(900) },
    { peer: 'tillmesh', n: 10, sync: sync(300, 100, 200), live: [{ n: 20, p50: 2, p99: 4 }], reopen: [{ readyMs: 50, scanMs: 5 }], killAfterCommit: { committed: 30, lost: 0 } },
    { peer: 'yjs', n: 10, sync: [...sync(250), { ok: false }], reopen: [{ readyMs: 60, scanMs: 4 }] },
    { peer: 'floor', n: 10, second: true, sync: sync(1) },
    { peer: 'rxdb', n: 10, skipped: 'time budget used up' },
  ],
};

test('the median of the runs counts, and what did not end is left out', () => {
  const [{ count, peers, rows }] = figuresOf(RUN);
  assert.deepEqual({ count, peers }, { count: 10, peers: ['floor', 'tillmesh', 'yjs'] });
  assert.deepEqual(rows[0].cells, [
    { value: 900, least: 900, most: 900 }, { value: 200, least: 100, most: 300 }, { value: 250, least: 250, most: 250 },
  ]);
  assert.deepEqual(rows.find(({ what }) => what.startsWith('Catching up')).cells, [undefined, undefined, undefined]);
});

test('every product that is better is named, floors are not', () => {
  const [{ rows }] = figuresOf(RUN);
  const lost = rows.filter(({ better }) => better.length > 0).map(({ what, better }) => [what, better]);
  assert.deepEqual(lost, [['First sync, sales/s', ['yjs']], ['Reading all sales, ms', ['yjs']]]);
});

test('the page tells the machine, the losses and the kills, and no folder of the machine', () => {
  const text = page(RUN, 'commit abc');
  assert.match(text, /TillMesh at commit abc\./);
  assert.match(text, /10 sales: 3 first syncs, 20 sales to the other device, .*NOT AS EXPECTED/);
  assert.match(text, /a processor, 2 cores, 8 GiB/);
  assert.match(text, /^- 10 sales, First sync, sales\/s: tillmesh 200 \(100–300\); yjs 250\.$/m);
  assert.match(text, /0 of 30 lost/);
  assert.doesNotMatch(text, /somewhere/);
});
