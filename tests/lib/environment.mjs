// What the tests are told by whoever runs them: `cargo xtask test` sets all of it.
import fs from 'node:fs';

const CHROMIUM_PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Whether the full counts are wanted (TILLMESH_LONG), not those that fit a coffee. */
export const isLong = Boolean(process.env.TILLMESH_LONG);

/** Where Chromium is: CHROMIUM, or where systems put it. */
export function chromium() {
  const found = process.env.CHROMIUM ?? CHROMIUM_PLACES.find((path) => fs.existsSync(path));
  return found ?? lacking('CHROMIUM', 'the browser');
}

/** The folder of the built app: TILLMESH_DIST. */
export function dist() {
  return process.env.TILLMESH_DIST ?? lacking('TILLMESH_DIST', 'the built app');
}

/** The relay's program: TILLMESH_RELAY. */
export function relay() {
  return process.env.TILLMESH_RELAY ?? lacking('TILLMESH_RELAY', "the relay's program");
}

/** The program of `cargo xtask`: TILLMESH_XTASK. */
export function xtask() {
  return process.env.TILLMESH_XTASK ?? lacking('TILLMESH_XTASK', "cargo xtask's program");
}

function lacking(name, meaning) {
  throw new Error(`${name} does not say where ${meaning} is: run this with \`cargo xtask test\``);
}
