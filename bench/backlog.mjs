// A device comes back after a year: a million sales at once, what its page takes meanwhile, and what it
// says of how long that goes on.
import { call, openApp } from '../tests/lib/console.mjs';
import { until } from '../tests/lib/until.mjs';
import { enter, startNewcomer, startTill, untilPacked } from './app.mjs';
import { letInTo } from './first-sync.mjs';
import { memoryNow } from './memory.mjs';

/** Sales that the device knows when it is switched off. */
const BEFORE = 200;
/** Sales that are asked for at a time: they share a commit, and a segment. */
const TOGETHER = 250;
/** Sales that are made over and over again. */
const DIFFERENT = 20_000;
const PER_CALL = 5_000;
const TELL_EVERY = 100_000;
const SAMPLE_MS = 500;
const ARRIVAL_MS_MAX = 900_000;

/**
 * What comes of `count` sales: `{ count, milliseconds, memory, tillMemory, before, tasks, said, reopening }`.
 * `memory` is the most that the page of each kept for itself meanwhile, `before` what the one that
 * receives kept before, in bytes; `tasks` how long each of its tasks over 50 ms was, `reopening` how
 * long its next start took, in milliseconds; `said` each line about how far it is.
 */
export async function measureBacklog({ server, workload, count, tell }) {
  const till = await startTill(server);
  let receiver;
  try {
    await sell(till, workload, BEFORE, () => {});
    receiver = await startNewcomer(server);
    await letInTo(till, receiver, 'Receiver', BEFORE);
    await receiver.close();
    await sell(till, workload, count, (sold) => tell(`${sold} sold`));
    await untilPacked(till);
    tell('The device is switched on again');
    await receiver.reopen();
    const arrived = await arrive(server, till, receiver, BEFORE + count);
    const hashes = await Promise.all([till, receiver].map((device) => call(device, 'stateHash')));
    if (hashes[0].hash !== hashes[1].hash) throw new Error('the two do not come to the same');
    await receiver.close();
    await receiver.reopen();
    await openApp(receiver, `${server.origin}/sell`);
    const reopening = await receiver.page.evaluate(() => performance.now());
    return { count, ...arrived, reopening };
  } finally {
    await receiver?.discard();
    await till.discard();
  }
}

async function sell(till, workload, count, tell) {
  const sales = workload.forConsole(0, Math.min(count, DIFFERENT));
  for (let sold = 0; sold < count;) {
    const from = sold % sales.length;
    const wanted = sales.slice(from, from + Math.min(PER_CALL, count - sold));
    await till.page.evaluate(async ([list, together]) => {
      for (let at = 0; at < list.length; at += together) {
        await Promise.all(list.slice(at, at + together).map((sale) => window.tillmesh.sell(sale)));
      }
    }, [wanted, TOGETHER]);
    sold += wanted.length;
    if (sold % TELL_EVERY === 0) tell(sold);
  }
}

/** Opens the receiver, which finds the till by itself, and waits until it counts `count` sales. */
async function arrive(server, till, receiver, count) {
  await receiver.context.addInitScript(watch);
  await openApp(receiver, `${server.origin}/sell`);
  const from = performance.now();
  const before = memoryNow(receiver);
  let [memory, tillMemory] = [0, 0];
  const sample = () => {
    memory = Math.max(memory, memoryNow(receiver));
    tillMemory = Math.max(tillMemory, memoryNow(till));
  };
  const sampling = setInterval(sample, SAMPLE_MS);
  try {
    await enter(receiver);
    let there;
    await until(`${count} sales have come`, async () => {
      there = (await call(receiver, 'counts')).sales;
      return there === count;
    }, ARRIVAL_MS_MAX).catch((problem) => { throw new Error(`${problem.message}: ${there}`); });
    const milliseconds = performance.now() - from;
    const watched = await receiver.page.evaluate(() => ({ tasks: window.longTasks, said: window.said }));
    sample();
    return { milliseconds, before, memory, tillMemory, ...watched };
  } finally {
    clearInterval(sampling);
  }
}

/** Runs in the page: notes every task over 50 ms, and what is said of how far it is. */
function watch() {
  window.longTasks = [];
  window.said = [];
  new PerformanceObserver((list) => {
    window.longTasks.push(...list.getEntries().map(({ duration }) => duration));
  }).observe({ type: 'longtask' });
  const look = () => {
    const line = document.body?.innerText.match(/receiving [^\n]*/)?.[0];
    if (line && line !== window.said.at(-1)?.line) window.said.push({ at: performance.now(), line });
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
}
