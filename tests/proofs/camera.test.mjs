// A camera's picture changes while the page, and the camera, stay open: docs/decisions/0001.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Camera } from '../lib/camera.mjs';
import { Device } from '../lib/device.mjs';
import { Pages } from '../lib/pages.mjs';
import { until } from '../lib/until.mjs';

const VIEWER = '<title>Viewer</title><video autoplay muted></video>';
// Different at the left and at the right, so that a mirrored or shifted picture is told apart.
const FIRST_SCREEN = '<style>body{margin:0;height:100vh;background:linear-gradient(to right,black 50%,white 50%)}</style>';
const SECOND_SCREEN = FIRST_SCREEN.replace('right', 'left');

let pages, camera, viewer, shown;

before(async () => {
  pages = await Pages.start({ '/': VIEWER, '/first': FIRST_SCREEN, '/second': SECOND_SCREEN });
  camera = new Camera();
  viewer = await Device.start('viewer', { camera });
  shown = await Device.start('shown');
  await viewer.open(`${pages.origin}/`);
  await viewer.page.evaluate(openCamera);
});

after(async () => {
  await viewer?.discard();
  await shown?.discard();
  camera?.discard();
  await pages?.stop();
});

test('the camera that is open sees one screen, then another', async (context) => {
  await until('a wall is seen', async () => {
    const [left, right] = await look();
    return left > 60 && left < 130 && Math.abs(left - right) < 20;
  });
  for (const [path, isSeen] of [
    ['/first', ([left, right]) => left < 50 && right > 200],
    ['/second', ([left, right]) => left > 200 && right < 50],
    ['/first', ([left, right]) => left < 50 && right > 200],
  ]) {
    await shown.open(pages.origin + path);
    camera.see(await shown.page.screenshot());
    const start = performance.now();
    await until(`the screen ${path} is seen`, async () => isSeen(await look()), 5_000);
    context.diagnostic(`${path} was seen after ${Math.round(performance.now() - start)} ms`);
  }
  assert.equal(await viewer.page.evaluate(() => window.camera.getVideoTracks()[0].readyState), 'live');
  assert.deepEqual(viewer.errors, []);
});

async function openCamera() {
  const video = { width: 1280, height: 720 };
  window.camera = await navigator.mediaDevices.getUserMedia({ video });
  const element = document.querySelector('video');
  element.srcObject = window.camera;
  await element.play();
}

/** How bright it is at the left and at the right of what the viewer sees. */
function look() {
  return viewer.page.evaluate(() => {
    const canvas = new OffscreenCanvas(8, 8).getContext('2d');
    canvas.drawImage(document.querySelector('video'), 0, 0, 8, 8);
    return [2, 5].map((x) => canvas.getImageData(x, 4, 1, 1).data[0]);
  });
}
