// The relay, as it is shipped, on a free port: it serves the app and lets devices meet.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { dist, relay } from './environment.mjs';
import { until } from './until.mjs';

export class Server {
  /**
   * Starts it. `folder` is the app that it serves, `place` the network that it is in, `address`
   * the one of its addresses that it listens on: if none is given, this machine alone reaches it.
   */
  static async start({ folder = dist(), place, port = 0, address = '127.0.0.1' } = {}) {
    const server = new Server();
    Object.assign(server, { folder, place, port, address });
    await server.restart();
    return server;
  }

  /** Starts it again at the same address. */
  async restart() {
    const words = [...(this.place?.command ?? []), relay()];
    words.push('--dist', this.folder, '--port', String(this.port), '--bind', this.address);
    this.process = spawn(words[0], words.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
    this.ended = once(this.process, 'exit');
    let said = '';
    for (const output of [this.process.stdout, this.process.stderr]) {
      output.setEncoding('utf8').on('data', (text) => { said += text; });
    }
    const origin = await until('the relay says where it listens', () => {
      if (this.process.exitCode !== null) throw new Error(`the relay did not start: ${said}`);
      return said.match(/listening on (http:\S+)/)?.[1];
    });
    this.origin = origin;
    this.port = Number(new URL(origin).port);
  }

  /** Stops it as a system does. */
  async stop() {
    this.process.kill('SIGTERM');
    await this.ended;
  }

  /** Kills it without a farewell. */
  async kill() {
    this.process.kill('SIGKILL');
    await this.ended;
  }
}
