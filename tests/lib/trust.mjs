// What a browser on Linux trusts: a database of certificates in its user's home.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export class Trust {
  /** Why a browser can't be made to trust anybody here; nothing when it can. */
  static lack() {
    if (process.platform !== 'linux') return 'browsers keep what they trust elsewhere than on Linux';
    try {
      execFileSync('certutil', ['--help'], { stdio: 'ignore' });
    } catch ({ code }) {
      if (code === 'ENOENT') return 'there is no `certutil`: install libnss3-tools';
    }
    return undefined;
  }

  /** A home whose browser trusts only those that all trust. `environment` is for that browser. */
  constructor() {
    this.home = fs.mkdtempSync(path.join(os.tmpdir(), 'tillmesh-home-'));
    this.database = path.join(this.home, '.pki', 'nssdb');
    fs.mkdirSync(this.database, { recursive: true });
    this.environment = { ...process.env, HOME: this.home };
    this.#certutil('-N', '--empty-password');
  }

  /** Does what the page tells a person to do: trusts the authority in this file for websites. */
  add(file) {
    this.#certutil('-A', '-n', 'TillMesh on this network', '-t', 'C,,', '-i', file);
  }

  discard() {
    fs.rmSync(this.home, { recursive: true, force: true });
  }

  #certutil(...words) {
    execFileSync('certutil', ['-d', `sql:${this.database}`, ...words]);
  }
}
