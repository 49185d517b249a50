// The processes of one browser, found by the one thing that all of them name: its profile.
import fs from 'node:fs';

import { until } from './until.mjs';

/** The living processes whose command line names this profile, the browser's first one first. */
export function processesOf(profile) {
  const found = [];
  for (const entry of fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const command = told(entry, 'cmdline')?.replaceAll('\0', ' ');
    if (command?.includes(profile)) found.push({ pid: Number(entry), command });
  }
  const isChild = ({ command }) => Number(command.includes('--type='));
  return found.sort((a, b) => isChild(a) - isChild(b));
}

/** Ends them all at once, as a cut of the power would. Gives their number. */
export async function killAll(profile) {
  const doomed = processesOf(profile);
  for (const { pid } of doomed) signal(pid, 'SIGKILL');
  await until(`every process of ${profile} is gone`, () => processesOf(profile).length === 0);
  return doomed.length;
}

/**
 * Stops them all where they stand, as a lid that is closed does, until `wakeAll`. `known` are the
 * numbers of those that were looked up before: they stop at once.
 */
export function stopAll(profile, known = []) {
  const stopped = new Set();
  const stop = (pids) => pids.forEach((pid) => {
    signal(pid, 'SIGSTOP');
    stopped.add(pid);
  });
  stop(known);
  // What is stopped starts no other: when nothing new is found, all are.
  for (;;) {
    const others = processesOf(profile).map(({ pid }) => pid).filter((pid) => !stopped.has(pid));
    if (others.length === 0) return;
    stop(others);
  }
}

/** Lets them go on. */
export function wakeAll(profile) {
  for (const { pid } of processesOf(profile)) signal(pid, 'SIGCONT');
}

/** What they take of the memory, in MiB: what several share counts by shares. */
export function memoryOf(profile) {
  const shares = processesOf(profile).map(({ pid }) => (
    Number(told(pid, 'smaps_rollup')?.match(/^Pss: +(\d+) kB$/m)?.[1] ?? 0)
  ));
  return shares.reduce((sum, share) => sum + share, 0) / 1_024;
}

function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch (problem) {
    if (problem.code !== 'ESRCH') throw problem; // It was quicker.
  }
}

/** What the system says of a process in one of its files. */
function told(pid, file) {
  try {
    return fs.readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return undefined; // It ended while we looked.
  }
}
