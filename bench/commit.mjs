// A sale that is on the disk: the app, the floor and a bare put, in turns.
import { overRounds } from './figures.mjs';

/**
 * How long `rounds` times `count` commits take, in milliseconds: `{ app, floor, raw }`, each a
 * list of rounds. Sales are taken from number `first` on; between two of them lies a pause of
 * `[least, most]` milliseconds.
 */
export async function measureCommits({ till, floor, workload, first, rounds, count, pause_ms, tell }) {
  const measured = { app: [], floor: [], raw: [] };
  for (let round = 0; round < rounds; round += 1) {
    const start = first + round * count;
    const sales = workload.forFloor(start, count);
    measured.app.push(await sellInApp(till, workload.forConsole(start, count), pause_ms));
    measured.floor.push(await sellOnFloor(floor, sales, pause_ms));
    measured.raw.push(await putRaw(floor, sales, pause_ms));
    tell(`round ${round + 1} of ${rounds}: ${said(measured)}`);
  }
  return measured;
}

function said(measured) {
  const latest = Object.entries(measured).map(([who, rounds]) => {
    const { value } = overRounds(rounds.slice(-1), 0.5);
    return `${who} ${value.toFixed(1)} ms`;
  });
  return latest.join(', ');
}

function sellInApp({ page }, sales, pause_ms) {
  return page.evaluate(async ([wanted, [least, most]]) => {
    const measured = [];
    for (const sale of wanted) {
      const start = performance.now();
      await window.tillmesh.sell(sale);
      measured.push(performance.now() - start);
      await new Promise((resolve) => { setTimeout(resolve, least + Math.random() * (most - least)); });
    }
    return measured;
  }, [sales, pause_ms]);
}

function sellOnFloor({ page }, sales, pause_ms) {
  return page.evaluate(async ([wanted, [least, most]]) => {
    const measured = [];
    for (const sale of wanted) {
      const start = performance.now();
      await window.floor.add(sale);
      measured.push(performance.now() - start);
      await new Promise((resolve) => { setTimeout(resolve, least + Math.random() * (most - least)); });
    }
    return measured;
  }, [sales, pause_ms]);
}

/** One transaction, one put, nothing else. */
function putRaw({ page }, sales, pause_ms) {
  return page.evaluate(async ([wanted, [least, most]]) => {
    const opening = indexedDB.open('raw', 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore('sales');
    const database = await new Promise((resolve) => { opening.onsuccess = () => resolve(opening.result); });
    const measured = [];
    for (const sale of wanted) {
      const start = performance.now();
      const writing = database.transaction('sales', 'readwrite', { durability: 'strict' });
      writing.objectStore('sales').put(sale, sale.id);
      await new Promise((resolve, reject) => {
        writing.oncomplete = resolve;
        writing.onabort = () => reject(writing.error);
      });
      measured.push(performance.now() - start);
      await new Promise((resolve) => { setTimeout(resolve, least + Math.random() * (most - least)); });
    }
    database.close();
    return measured;
  }, [sales, pause_ms]);
}
