// What `cargo xtask serve --lan` starts: https with an authority made for this run, and beside it
// plain http with the way there. All that is known of it is what it prints.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

import { dist, xtask } from './environment.mjs';
import { until } from './until.mjs';

export class Lan {
  /** Why there can be none here; nothing when there can. */
  static lack() {
    const addresses = Object.values(os.networkInterfaces()).flat();
    const isReached = ({ family, internal }) => family === 'IPv4' && !internal;
    return addresses.some(isReached) ? undefined : 'this machine has no address on a network';
  }

  /** Serves the app, with an authority that nobody trusts yet. */
  static async start() {
    const lan = new Lan();
    lan.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tillmesh-lan-'));
    const [port, securePort] = await freePorts(2);
    const words = ['serve', '--lan', '--dist', dist(), '--port', port, '--secure-port', securePort];
    lan.process = spawn(xtask(), words, {
      env: { ...process.env, XDG_DATA_HOME: lan.folder }, stdio: ['ignore', 'pipe', 'pipe'],
    });
    lan.ended = once(lan.process, 'exit');
    lan.said = '';
    for (const output of [lan.process.stdout, lan.process.stderr]) {
      output.setEncoding('utf8').on('data', (text) => { lan.said += text; });
    }
    await until('the app is served', () => {
      if (lan.process.exitCode !== null) throw new Error(`it did not start: ${lan.said}`);
      return lan.said.includes('listening on https://');
    }, 60_000);
    lan.plain = lan.said.match(/open (http:\/\/\S+) once/)[1];
    lan.origin = new URL(lan.said.match(/^ {2}(https:\/\/\S+)$/m)[1]).origin;
    return lan;
  }

  /** The certificate of the authority, as it lies on the disk. */
  get authority() {
    return fs.readFileSync(path.join(this.folder, 'tillmesh/authority/authority.pem'), 'utf8');
  }

  /** Stops it as ctrl-c does. */
  async stop() {
    this.process.kill('SIGINT');
    await this.ended;
  }

  /** Ends it and throws the authority away. */
  async discard() {
    this.process.kill('SIGKILL');
    await this.ended;
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

/** So many ports that nobody listens on, as words. */
async function freePorts(count) {
  const servers = Array.from({ length: count }, () => net.createServer().listen(0));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => String(server.address().port));
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
