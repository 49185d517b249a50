// The room that cards go through, and the built app beside the harness's page: TILLMESH_DIST says
// where it lies.
import fs from 'node:fs';
import path from 'node:path';
import { attach as attachRoom } from './floor.mjs';

const TYPES = { '.js': 'text/javascript', '.wasm': 'application/wasm' };

export function attach({ peer, mount }) {
  const dist = process.env.TILLMESH_DIST;
  if (!dist) throw new Error('TILLMESH_DIST does not say where the built app is');
  const names = fs.readdirSync(dist);
  const [script, module] = [/^tillmesh-.*\.js$/, /^tillmesh-.*_bg\.wasm$/].map((form) => (
    names.find((name) => form.test(name))
  ));
  const files = new Set([script, module]);
  mount((request, answer) => {
    const name = new URL(request.url, 'http://here').pathname.slice('/db/'.length);
    if (name === 'app.json') {
      answer.setHeader('content-type', 'application/json');
      answer.end(JSON.stringify({ script: `/db/${script}`, module: `/db/${module}` }));
    } else if (files.has(name)) {
      answer.setHeader('content-type', TYPES[path.extname(name)]);
      fs.createReadStream(path.join(dist, name)).pipe(answer);
    } else {
      answer.writeHead(404).end();
    }
  });
  return attachRoom({ peer });
}
