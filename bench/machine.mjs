// What was measured, and on what.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';

import { chromium } from '../tests/lib/environment.mjs';

const TMPFS = 0x01021994; // statfs(2)
const ROOT = new URL('..', import.meta.url);

/** Processor, memory and system, in a line. */
export function machine() {
  const processors = os.cpus();
  const memory = Math.round(os.totalmem() / 2 ** 30);
  return `${processors[0].model.trim()}, ${processors.length} cores, ${memory} GiB, ${os.type()} ${os.release()}`;
}

/** Commit and tools, in a line. */
export function versions() {
  const changed = said('git', ['status', '--porcelain', '--', '.', ':!docs/benchmarks.md', ':!docs/peers.md']);
  const changes = changed === '' ? '' : ' with changes';
  return [
    `commit ${said('git', ['rev-parse', '--short', 'HEAD'])}${changes}`,
    said('rustc', ['--version']).replace(/ \(.*/, ''),
    said(chromium(), ['--version']).replace(/ built.*/, ''),
    `Node.js ${process.version}`,
  ].join(', ');
}

/** How many processes wanted the processor in the last minute. */
export function load() {
  return os.loadavg()[0].toFixed(1);
}

/** Profiles in memory would make every figure of the disk a fiction. */
export function requireDisk() {
  if (fs.statfsSync(os.tmpdir()).type === TMPFS) {
    throw new Error(`${os.tmpdir()} is in memory: set TMPDIR to a folder on a disk`);
  }
}

function said(program, words) {
  try {
    return execFileSync(program, words, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return `${program} unknown`; // A copy without its history can be measured as well.
  }
}
