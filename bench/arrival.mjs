// Very many entries come to a till that sells meanwhile: what its page takes, and whether a sale waits.
import { call, openApp } from '../tests/lib/console.mjs';
import { until } from '../tests/lib/until.mjs';
import { enter, startNewcomer } from './app.mjs';
import { letInTo } from './first-sync.mjs';
import { install } from '../tests/lib/release.mjs';
import { memoryNow } from './memory.mjs';

/** As long as the app takes to lay down one item. */
const PAUSE_MS = [20, 50];
const LOOK_MS = 100;
const LIMIT_MS = 600_000;
/** How often the system is asked for the memory: it halts the page for a moment. */
const SAMPLE_MS = 250;
/** A task that the browser must report, or it reports none: more than its 50 ms. */
const PLANTED_MS = 120;

/** `runs` devices of the till's shop that hold all it has, can start without a network, and are closed. */
export async function prepareReceivers({ server, till, runs }) {
  const { sales: count } = await call(till, 'counts');
  const receivers = [];
  for (let run = 1; run <= runs; run += 1) {
    const receiver = await startNewcomer(server);
    receivers.push(receiver);
    await letInTo(till, receiver, `Receiver ${run}`, count);
    await install(receiver);
    await receiver.close();
  }
  return { receivers, held: count };
}

/**
 * What each of the receivers took, one after the other: `{ milliseconds, idle, meanwhile, tasks,
 * memory }`. `idle` and `meanwhile` are how long sales took there before and while all that the till
 * sold came, `tasks` how long each task of the page over 50 ms was meanwhile, in milliseconds;
 * `memory` is the most that the page kept for itself, in bytes. The relay is away.
 */
export async function measureArrival({ origin, till, receivers, workload, first, idleSales, tell }) {
  const measured = [];
  for (const receiver of receivers) {
    await receiver.reopen();
    await openApp(receiver, `${origin}/sell`);
    await enter(receiver);
    await watchTasks(receiver);
    await giveSales(receiver, workload.forConsole(first, 2_000));
    const idle = await receiver.page.evaluate((count) => window.sellOn((sold) => sold < count), idleSales);
    const { sales: there } = await call(till, 'counts');
    const arrived = await arrive(till, receiver, there + idleSales);
    measured.push({ idle, ...arrived });
    tell(said(measured.at(-1)));
    await receiver.close();
  }
  return measured;
}

function said({ milliseconds, meanwhile, tasks, memory }) {
  const longest = Math.round(Math.max(0, ...tasks));
  return `${(milliseconds / 1_000).toFixed(1)} s, ${meanwhile.length} sales meanwhile, ${tasks.length} long tasks, the longest ${longest} ms, ${Math.round(memory / 1e6)} MB`;
}

/** Links the two, and sells until the receiver counts `count` sales besides those it makes then. */
async function arrive(till, receiver, count) {
  const card = await call(till, 'answer', await call(receiver, 'offer'));
  let memory = 0;
  const sampling = setInterval(() => { memory = Math.max(memory, memoryNow(receiver)); }, SAMPLE_MS);
  try {
    const arrived = await receiver.page.evaluate(async ([answer, wanted, look_ms, limit_ms]) => {
      const begin = performance.now();
      let [isHere, sold] = [false, 0];
      const linked = window.tillmesh.accept(answer);
      const selling = window.sellOn((done) => {
        sold = done;
        return !isHere;
      });
      for (;;) {
        const { sales } = await window.tillmesh.counts();
        if (sales >= wanted + sold) break;
        if (performance.now() > begin + limit_ms) throw new Error(`${sales} of ${wanted} sales came`);
        await new Promise((resolve) => { setTimeout(resolve, look_ms); });
      }
      const end = performance.now();
      isHere = true;
      await linked;
      const tasks = window.longTasks.filter(({ startTime }) => startTime >= begin && startTime < end);
      return { milliseconds: end - begin, meanwhile: await selling, tasks: tasks.map(({ duration }) => duration) };
    }, [card, count, LOOK_MS, LIMIT_MS]);
    return { ...arrived, memory: Math.max(memory, memoryNow(receiver)) };
  } finally {
    clearInterval(sampling);
  }
}

/** Notes every task of the page that is longer than 50 ms, and makes sure that it does. */
async function watchTasks({ page }) {
  await page.evaluate((planted_ms) => {
    window.longTasks = [];
    new PerformanceObserver((list) => window.longTasks.push(...list.getEntries())).observe({ type: 'longtask' });
    setTimeout(() => {
      const end = performance.now() + planted_ms;
      while (performance.now() < end);
    });
  }, PLANTED_MS);
  await until('the browser reports a long task', () => (
    page.evaluate((planted_ms) => window.longTasks.some(({ duration }) => duration >= planted_ms), PLANTED_MS)
  ));
}

/** Gives the page sales to make: `sellOn` makes them, with pauses, while `goesOn(sold)` is true. */
function giveSales({ page }, sales) {
  return page.evaluate(([wanted, [least, most]]) => {
    window.sellOn = async (goesOn) => {
      const measured = [];
      while (goesOn(measured.length)) {
        const sale = wanted[measured.length % wanted.length];
        const start = performance.now();
        await window.tillmesh.sell(sale);
        measured.push(performance.now() - start);
        await new Promise((resolve) => { setTimeout(resolve, least + Math.random() * (most - least)); });
      }
      return measured;
    };
  }, [sales, PAUSE_MS]);
}
