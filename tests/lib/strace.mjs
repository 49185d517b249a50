// Which calls processes make to the system, and when: the only witness of what reaches the disk.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { until } from './until.mjs';

// 81234 1795244400.123456 fdatasync(41</tmp/x/000003.log>) = 0 <0.001200>
const WHOLE = /^(?<pid>\d+)\s+(?<at>\d+\.\d+) \w+\(\d+<(?<path>[^>]*)>\) += 0 <(?<took>[\d.]+)>/;
// The same in two lines, when another call was written in between.
const BEGUN = /^(?<pid>\d+)\s+(?<at>\d+\.\d+) \w+\(\d+<(?<path>[^>]*)> <unfinished/;
const ENDED = /^(?<pid>\d+)\s+[\d.]+ <\.\.\. \w+ resumed>\) += 0 <(?<took>[\d.]+)>/;

export class Strace {
  /** Why nothing can be watched here; nothing when it can. */
  static lack() {
    try {
      execFileSync('strace', ['-V'], { stdio: 'ignore' });
      return undefined;
    } catch {
      return 'there is no `strace`: install it';
    }
  }

  /** Watches the calls that carry a file's content to the disk, made by these processes. */
  static async attach(pids) {
    const strace = new Strace();
    strace.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tillmesh-strace-'));
    strace.file = path.join(strace.folder, 'calls');
    const words = ['-f', '-ttt', '-T', '-y', '-e', 'trace=fsync,fdatasync', '-o', strace.file];
    for (const pid of pids) words.push('-p', String(pid));
    strace.process = spawn('strace', words, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    strace.process.stderr.setEncoding('utf8').on('data', (text) => { said += text; });
    await until('strace watches every process', () => {
      if (strace.process.exitCode !== null) throw new Error(`strace did not start: ${said}`);
      return pids.every((pid) => new RegExp(`Process ${pid} attached`).test(said));
    });
    return strace;
  }

  /** Lets go and gives the calls that succeeded: { path, from, to }, in ms since 1970. */
  async stop() {
    this.process.kill('SIGINT');
    await once(this.process, 'exit');
    const lines = fs.readFileSync(this.file, 'utf8').split('\n');
    fs.rmSync(this.folder, { recursive: true, force: true });
    return callsIn(lines);
  }
}

function callsIn(lines) {
  const [calls, open] = [[], new Map()];
  for (const line of lines) {
    const begun = BEGUN.exec(line)?.groups;
    if (begun) open.set(begun.pid, begun);
    const ended = (WHOLE.exec(line) ?? ENDED.exec(line))?.groups;
    if (!ended) continue;
    const { at, path } = ended.at ? ended : open.get(ended.pid);
    const from = Number(at) * 1_000;
    calls.push({ path, from, to: from + Number(ended.took) * 1_000 });
  }
  return calls;
}
