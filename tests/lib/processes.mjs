// The processes of one browser, found by the one thing that all of them name: its profile.
import fs from 'node:fs';

import { until } from './until.mjs';

/** The living processes whose command line names this profile, the browser's first one first. */
export function processesOf(profile) {
  const found = [];
  for (const entry of fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const command = commandOf(entry);
    if (command?.includes(profile)) found.push({ pid: Number(entry), command });
  }
  const isChild = ({ command }) => Number(command.includes('--type='));
  return found.sort((a, b) => isChild(a) - isChild(b));
}

/** Ends them all at once, as a cut of the power would. Gives their number. */
export async function killAll(profile) {
  const doomed = processesOf(profile);
  for (const { pid } of doomed) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (problem) {
      if (problem.code !== 'ESRCH') throw problem; // It was quicker.
    }
  }
  await until(`every process of ${profile} is gone`, () => processesOf(profile).length === 0);
  return doomed.length;
}

function commandOf(pid) {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ');
  } catch {
    return undefined; // It ended while we looked.
  }
}
