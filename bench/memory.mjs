// What a page keeps for itself of the machine's memory. Linux: its system tells it per process.
import fs from 'node:fs';

import { processesOf } from '../tests/lib/processes.mjs';

/** A page of the browser's own, which stands in every headless one. */
const OWN_PAGE = '--top-chrome-webui';

/**
 * Bytes that the process of the device's page has for itself alone once its garbage is collected:
 * JavaScript, WebAssembly, what it draws, and its service worker if that runs.
 */
export async function memoryOf(device) {
  const session = await device.context.newCDPSession(device.page);
  await session.send('HeapProfiler.collectGarbage');
  await session.detach();
  return memoryNow(device);
}

/** The same as it is, garbage included. */
export function memoryNow({ profile }) {
  const renderers = processesOf(profile)
    .filter(({ command }) => command.includes('--type=renderer') && !command.includes(OWN_PAGE));
  return Math.max(...renderers.map(({ pid }) => privateBytes(fs.readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))));
}

/** The bytes that are nobody else's in what `smaps_rollup` says of a process (proc(5)). */
export function privateBytes(rollup) {
  const parts = [...rollup.matchAll(/^Private_(?:Clean|Dirty): +(\d+) kB$/gm)];
  if (parts.length !== 2) throw new Error(`this is no smaps_rollup: ${rollup.slice(0, 80)}`);
  return parts.reduce((sum, [, kilobytes]) => sum + 1_024 * Number(kilobytes), 0);
}
