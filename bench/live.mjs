// From a sale on one device to its text on another one's screen.
import { difference } from './clocks.mjs';

const DEADLINE_MS = 15_000;
/** How often we look whether the text was noted; when it came is noted exactly. */
const LOOK_MS = 10;

/**
 * How long `rounds` times `count` sales take, in milliseconds: `{ app, floor }`, each a list of
 * rounds. A side is `{ seller, screen }`; between two sales lies a pause of `[least, most]`
 * milliseconds.
 */
export async function measureLive({ app, floor, workload, first, rounds, count, pause_ms, tell }) {
  const measured = { app: [], floor: [] };
  await Promise.all([app, floor].map(({ screen }) => watch(screen)));
  for (let round = 0; round < rounds; round += 1) {
    const start = first + round * count;
    measured.app.push(await sellTo(app, workload.forConsole(start, count), pause_ms, sellInApp));
    measured.floor.push(await sellTo(floor, workload.forFloor(start, count), pause_ms, sellOnFloor));
    tell(`round ${round + 1} of ${rounds}`);
  }
  return measured;
}

async function sellTo({ seller, screen }, sales, [least, most], sell) {
  const clock_ms = await difference(seller, screen);
  const measured = [];
  for (const sale of sales) {
    const { started, number } = await sell(seller, sale);
    const seen = await seenAt(screen, number);
    measured.push(seen - started - clock_ms);
    await new Promise((resolve) => { setTimeout(resolve, least + Math.random() * (most - least)); });
  }
  return measured;
}

function sellInApp({ page }, sale) {
  return page.evaluate(async (wanted) => {
    const started = performance.timeOrigin + performance.now();
    const { receipt } = await window.tillmesh.sell(wanted);
    return { started, number: receipt };
  }, sale);
}

function sellOnFloor({ page }, sale) {
  return page.evaluate(async (wanted) => {
    const started = performance.timeOrigin + performance.now();
    await window.floor.add(wanted);
    return { started, number: wanted.number };
  }, sale);
}

/** Notes when each text of the page came into it. */
function watch({ page }) {
  return page.evaluate(() => {
    window.textsSeen = new Map();
    const note = (node) => {
      const at = performance.timeOrigin + performance.now();
      const texts = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
      for (let text = texts.currentNode; text; text = texts.nextNode()) {
        if (text.data && !window.textsSeen.has(text.data)) window.textsSeen.set(text.data, at);
      }
    };
    new MutationObserver((changes) => {
      for (const { type, target, addedNodes } of changes) {
        if (type === 'characterData') note(target);
        else addedNodes.forEach(note);
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
}

function seenAt({ page }, number) {
  return page.evaluate(async ([wanted, look_ms, deadline_ms]) => {
    const end = performance.now() + deadline_ms;
    while (!window.textsSeen.has(wanted)) {
      if (performance.now() > end) throw new Error(`${wanted} did not come onto the screen`);
      await new Promise((resolve) => { setTimeout(resolve, look_ms); });
    }
    const at = window.textsSeen.get(wanted);
    window.textsSeen.clear();
    return at;
  }, [number, LOOK_MS, DEADLINE_MS]);
}
