// What a run of the harness came to, as a page: who is how fast, and who is faster than we are.
import { median, written } from '../figures.mjs';

const US = 'tillmesh';
/** Hand-written lower bounds, not products. */
const FLOOR = /^floor/;
const MEBIBYTE = 2 ** 20;

/** What each cell is asked: a list of runs or rounds, of which the median counts. Nothing where it did not come to it. */
const FIGURES = [
  { what: 'First sync, sales/s', isMoreBetter: true, of: ({ sync }) => finished(sync).map(({ salesPerS }) => salesPerS) },
  { what: 'On the network in the first sync, bytes/sale', of: ({ sync, n }) => finished(sync).map(({ wireBytes }) => wireBytes / n) },
  { what: "Private memory of the receiver's page, MiB", of: ({ sync }) => finished(sync).map(({ uss }) => uss / MEBIBYTE) },
  { what: 'Sale → visible on the other device, p50, ms', of: ({ live }) => (live ?? []).map(({ p50 }) => p50) },
  { what: 'Sale → visible on the other device, p99, ms', of: ({ live }) => (live ?? []).map(({ p99 }) => p99) },
  { what: 'Sale on the disk, strict, p50, ms', of: ({ durable }) => known(durable?.strict?.p50) },
  { what: 'Sale on the disk, strict, p99, ms', of: ({ durable }) => known(durable?.strict?.p99) },
  { what: 'Catching up on 1,000 sales until persisted, ms', of: ({ catchup }) => finished(catchup).map(({ ms }) => ms) },
  { what: 'Catching up on 1,000 sales until visible, ms', of: ({ catchup }) => finished(catchup).map(({ visibleMs }) => visibleMs) },
  { what: 'Reopening until it answers, ms', of: ({ reopen }) => (reopen ?? []).map(({ readyMs }) => readyMs) },
  { what: 'Reading all sales, ms', of: ({ reopen }) => (reopen ?? []).map(({ scanMs }) => scanMs) },
];

const finished = (runs) => (runs ?? []).filter(({ ok }) => ok);
const known = (value) => (value === undefined || value === null ? [] : [value]);

/**
 * The figures of a run for each number of sales: `[{ count, peers, rows }]`, a row being
 * `{ what, cells, better }`. `cells` are in the order of `peers`, each `{ value, least, most }` or
 * nothing; `better` names the products, floors left out, whose value is better than ours.
 */
export function figuresOf({ cells }) {
  const measured = cells.filter(({ skipped, second, syncOnly }) => !skipped && !second && !syncOnly);
  const counts = [...new Set(measured.map(({ n }) => n))];
  return counts.map((count) => {
    const here = measured.filter(({ n }) => n === count);
    const peers = here.map(({ peer }) => peer);
    const rows = FIGURES.map(({ what, isMoreBetter, of }) => {
      const values = here.map((cell) => spreadOf(of(cell)));
      const ours = values[peers.indexOf(US)];
      const isBetter = (value) => value && ours && (isMoreBetter ? value.value > ours.value : value.value < ours.value);
      const better = peers.filter((peer, i) => !FLOOR.test(peer) && isBetter(values[i]));
      return { what, cells: values, better };
    });
    return { count, peers, rows };
  });
}

function spreadOf(values) {
  if (values.length === 0) return undefined;
  return { value: median(values), least: Math.min(...values), most: Math.max(...values) };
}

/** The page that is kept: docs/peers.md. `commit` is what it is written at. */
export function page(result, commit) {
  const sizes = figuresOf(result);
  return [
    '# Beside its peers',
    headOf(result, commit),
    ...sizes.map(sizeText),
    '## Where it loses',
    lossesOf(sizes),
    '## Killed in between',
    killsOf(result),
    '## What stands in the tables',
    'The median of the runs or rounds of a figure, in brackets the least and the most; a figure without brackets comes from one round. *floor* is raw WebRTC and packed blocks with no encryption, no signatures and no conflicts, *floor-gz* the same with deflated blocks: lower bounds, not products. *yjs-chunked* is Yjs with its messages cut by the harness. A dash: it did not come to that. What each figure means for TillMesh, and what the driver makes up, says [bench/peers/README.md](../bench/peers/README.md); “persisted” costs it up to 200 ms of waiting for the other device\'s signed word, which no other product gives.',
  ].join('\n\n').concat('\n');
}

function headOf({ at, machine, chromium, versions, args, cells }, commit) {
  const others = cells.flatMap((cell) => (cell.sync ?? []).map((run) => run.cpu?.foreignCores)).filter((cores) => cores !== undefined);
  const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `Written by \`node bench/peers/write.mjs\` from one run of ${at.slice(0, 10)}: ${machine.cpu}, ${machine.cores} cores, ${machine.memGiB} GiB, Linux ${machine.kernel}, ${chromium}, Node.js ${machine.node}. TillMesh at ${commit}.`,
    `${names.join(', ')}. Arguments: \`${args.filter((word, i) => word !== '--out' && args[i - 1] !== '--out').join(' ')}\`.`,
    repetitionsOf(cells),
    `Others used ${others.length === 0 ? 'an unknown share' : written(median(others))} of the cores during a first sync, in the median: with more than a tenth of one, only ratios within this page mean something.`,
  ].join('\n');
}

function repetitionsOf(cells) {
  const ours = cells.filter(({ peer }) => peer === US);
  const each = ours.map(({ n, sync, live, catchup, durable, verifiedAll }) => [
    `${n.toLocaleString('en')} sales: ${finished(sync).length} first syncs`,
    `${(live ?? []).map((round) => round.n).join(' + ') || 'no'} sales to the other device`,
    `${finished(catchup).length} × catching up`,
    `${durable?.strict?.n ?? 'no'} sales on the disk`,
    `the content at the end ${verifiedAll ? 'as expected' : 'NOT AS EXPECTED'}`,
  ].join(', '));
  return `TillMesh, as the others, with ${each.join('; with ')}.`;
}

function sizeText({ count, peers, rows }) {
  const head = ['', ...peers.map((peer) => (peer === US ? `**${US}**` : peer))];
  const lines = rows.map(({ what, cells }) => [what, ...cells.map(cellText)]);
  const table = [head, head.map(() => '---'), ...lines].map((line) => `| ${line.join(' | ')} |`);
  return [`## ${count.toLocaleString('en')} sales`, table.join('\n')].join('\n\n');
}

function cellText(cell) {
  if (!cell) return '–';
  const { value, least, most } = cell;
  return least === most ? written(value) : `${written(value)} (${written(least)}–${written(most)})`;
}

function lossesOf(sizes) {
  const losses = sizes.flatMap(({ count, peers, rows }) => rows.filter(({ better }) => better.length > 0).map(({ what, cells, better }) => {
    const of = (peer) => `${peer} ${cellText(cells[peers.indexOf(peer)])}`;
    return `- ${count.toLocaleString('en')} sales, ${what.replace(/^(The same|— of that)/, 'of the row above it$&')}: ${of(US)}; ${better.map(of).join(', ')}.`;
  }));
  return losses.length === 0 ? 'To no product of this run.' : losses.join('\n');
}

function killsOf({ cells }) {
  const ours = cells.filter(({ peer, syncOnly }) => peer === US && !syncOnly);
  const lines = ours.flatMap(({ n, fault, killAfterCommit }) => [
    ...(fault ?? []).map(({ killAfterMs, found, of, lost, duplicates, contentOk }) => (
      `- ${n.toLocaleString('en')} sales, the receiver killed ${Math.round(killAfterMs)} ms into its first sync: ${found} of ${of} found, then ${lost} lost, ${duplicates} twice, content ${contentOk ? 'right' : 'WRONG'}.`
    )),
    ...(killAfterCommit ? [`- ${n.toLocaleString('en')} sales, the seller killed after 20 more that were paid: ${killAfterCommit.lost} of ${killAfterCommit.committed} lost.`] : []),
  ]);
  return lines.join('\n') || 'Not tried.';
}
