// What a browser downloads.
import fs from 'node:fs';
import path from 'node:path';

/** Bytes to download, compressed as the relay sends them: `{ app, worker }`, the app with it all. */
export function measureSizes(folder) {
  const names = fs.readdirSync(folder, { recursive: true })
    .filter((name) => !/\.(br|gz)$/.test(name) && fs.statSync(path.join(folder, name)).isFile());
  const sizes = new Map(names.map((name) => [name, downloaded(path.join(folder, name))]));
  return { app: [...sizes.values()].reduce((sum, bytes) => sum + bytes), worker: sizes.get('sw.js') };
}

function downloaded(file) {
  const forms = [file, `${file}.br`].filter((form) => fs.existsSync(form));
  return Math.min(...forms.map((form) => fs.statSync(form).size));
}
