// Writes docs/peers.md from what a run of the harness left: `node bench/peers/write.mjs RESULT.json`.
import fs from 'node:fs';

import { versions } from '../machine.mjs';
import { page } from './page.mjs';

const file = process.argv[2];
if (!file) {
  console.error('Say which result: node bench/peers/write.mjs HARNESS/results/run-….json');
  process.exit(2);
}
const result = JSON.parse(fs.readFileSync(file, 'utf8'));
const [commit] = versions().split(',');
fs.writeFileSync(new URL('../../docs/peers.md', import.meta.url), page(result, commit));
console.log('Written to docs/peers.md');
