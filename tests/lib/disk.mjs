// A disk of a few MiB, so small that a test can fill it: what is written there meets its end for real.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const FILLER = 'filler';
const PIECE_BYTES = 65_536;

export class SmallDisk {
  /** Why there can be no such disk here; nothing when there can. */
  static lack() {
    if (process.platform !== 'linux') return 'a disk of its own is mounted on Linux only';
    if (process.getuid() !== 0) return 'mounting a disk needs root';
    return undefined;
  }

  /** A disk of so many MiB, to be mounted somewhere. */
  constructor(mebibytes) {
    this.mebibytes = mebibytes;
  }

  /** Puts it where this folder is. */
  mount(folder) {
    fs.mkdirSync(folder, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${this.mebibytes}m`, 'tmpfs', folder]);
    this.folder = folder;
  }

  /** Writes until the system says that there is no room, not for one byte. */
  fill() {
    const file = fs.openSync(path.join(this.folder, FILLER), 'a');
    try {
      for (const piece of [Buffer.alloc(PIECE_BYTES), Buffer.alloc(1)]) fillWith(file, piece);
    } finally {
      fs.closeSync(file);
    }
  }

  /** Makes room again. */
  free() {
    fs.rmSync(path.join(this.folder, FILLER));
  }

  /** Takes it away, with all that is on it. */
  discard() {
    // Lazily: what held files open there may not have gone to the last.
    if (this.folder) execFileSync('umount', ['--lazy', this.folder]);
    this.folder = undefined;
  }
}

function fillWith(file, piece) {
  try {
    for (;;) fs.writeSync(file, piece);
  } catch (problem) {
    if (problem.code !== 'ENOSPC') throw problem;
  }
}
