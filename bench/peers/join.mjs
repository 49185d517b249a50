// Puts TillMesh among the products of a peers' harness: `node bench/peers/join.mjs FOLDER`.
import fs from 'node:fs';
import path from 'node:path';

const LINE = "  tillmesh: { title: 'TillMesh', page: 'tillmesh', server: 'tillmesh', kind: 'webrtc', opts: {}, pkgs: [] },\n";
const BEGINNING = 'export const PEERS = {\n';

const harness = process.argv[2] ?? process.env.PEERS_HARNESS;
if (!harness || !fs.existsSync(path.join(harness, 'drivers/index.mjs'))) {
  console.error('Say where a copy of the harness lies: node bench/peers/join.mjs FOLDER, or PEERS_HARNESS.');
  process.exit(2);
}
fs.copyFileSync(new URL('driver.js', import.meta.url), path.join(harness, 'drivers/tillmesh.js'));
fs.copyFileSync(new URL('server.mjs', import.meta.url), path.join(harness, 'servers/tillmesh.mjs'));
const list = path.join(harness, 'drivers/index.mjs');
const products = fs.readFileSync(list, 'utf8');
if (!products.includes(LINE)) {
  if (!products.includes(BEGINNING)) throw new Error(`${list} holds no list of products that we know`);
  fs.writeFileSync(list, products.replace(BEGINNING, BEGINNING + LINE));
}
console.log(`TillMesh is among the products: cd ${harness} && node run.mjs --peers floor,tillmesh --n 1000 --quick`);
