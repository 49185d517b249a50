// Figures as people read them: a table on the terminal, and a page that is kept.
import { quantile, written } from './figures.mjs';

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

function explained({ brisk, spaced, live, syncs, reopening, catchUps, arrivals, bytes }) {
  const size = ({ app }) => `${app.length} × ${app[0].length}`;
  const [{ count, sync }] = syncs;
  const [{ sold, app: returns }] = catchUps;
  return [
    `The sales are real baskets; as a document of the floor one is ${written(bytes)} bytes of JSON. In brackets: the least and the most of a round or run. App and floor take turns, so that whatever else the machine does meets both; ratios mean more than milliseconds.`,
    `- **Floor**: a page of some 300 lines of JavaScript (\`bench/floor\`) that does the least: strict single puts, packed blocks of 256, a bare data channel, no encryption, no signatures, no conflicts. *Deflated*: its blocks are compressed once and travel so.`,
    `- **Sale on the disk**: \`tillmesh.sell\` until it resolves, ${size(brisk)} sales with 5 ms between and ${size(spaced)} with 20–50 ms, after a round that warms up, on a till that is alone and shows Sell. *Bare put*: one sale, one strict transaction.`,
    `- **Text on the other screen**: from calling \`sell\` until a \`MutationObserver\` of the other device's Today sees the receipt number, ${size(live)} sales with 20–50 ms between, both devices holding ${written(count)}. It is on the seller's disk first, as on the floor's. Two Chromium processes; their clocks are compared by round trips.`,
    `- **First sync**: ${sync.app.length} newcomers of a till that has packed what it sold, each from taking the answer card (connecting included) until it counts all sales and the till has its signed word that they are on its disk. Floor: until all are parsed and behind a strict barrier. Bytes are \`transport.bytesReceived\` of \`getStats\` at the newcomer.`,
    `- **Private memory**: what the process of the newcomer's page shares with nobody (\`Private_*\` of \`smaps_rollup\`) once its garbage is collected: JavaScript, WebAssembly, what it draws and its service worker. 1 MB is a million bytes.`,
    `- **Reopening**: ${reopening.app.length} new browser processes, from the navigation's start until the device answers and Sell or the PIN pad is shown; the till wrote every sale by itself. Floor: until its store is read; it kept ${written(count)} in blocks.`,
    `- **Catching up**: the cut is \`disconnect\`, with the relay away; ${written(sold)} sales are made one by one and at once two cards link them again. ${returns.length} times, from taking the answer card (connecting included) until the screen, which shows Today, counts all and the till has its signed word that they are on its disk; *until counted* ends without that word. Floor: until all are parsed and behind a strict barrier; it packs and deflates the sales when it is asked.`,
    ...arrivals.map(arrivalExplained),
    '- **To download**: every file of the release build as the relay sends it.',
    arrivals.length === 0
      ? 'Not measured in this run: 50,000 sales and more (`cargo xtask bench --long`). Not measured yet: 50,000 products.'
      : 'Not measured yet: 50,000 products.',
  ].join('\n');
}

function arrivalExplained({ count, runs }) {
  const [{ idle }] = runs;
  return `- **While ${written(count)} sales arrive**: ${runs.length} tills that were off while another one sold them are linked with it by two cards, with the relay away. Each shows Sell and sells with 20–50 ms between, ${idle.length} sales before (*idle*) and ${runs.map(({ meanwhile }) => meanwhile.length).join(', ')} until it counts all; that took ${runs.map(({ milliseconds }) => written(milliseconds / 1_000)).join(', ')} s. Tasks are those that the page's \`PerformanceObserver\` reports as \`longtask\`; a planted one shows that it does. Memory, garbage included, is looked at four times a second.`;
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
