// A server of a few written pages, for proofs that need a browser and none of our code.
import http from 'node:http';
import { once } from 'node:events';

export class Pages {
  /** Serves `pages` (path → HTML) on a free port of this machine, which is a secure context. */
  static async start(pages) {
    const server = http.createServer((request, answer) => {
      const page = pages[new URL(request.url, 'http://here').pathname];
      const type = { 'content-type': 'text/html; charset=utf-8' };
      // Nothing else is ever asked for but the icon, which these pages don't have.
      answer.writeHead(page === undefined ? 204 : 200, type).end(page);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address();
    return Object.assign(new Pages(), { server, origin: `http://127.0.0.1:${port}` });
  }

  /** Stops serving, open connections included. */
  async stop() {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}
