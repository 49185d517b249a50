// What a device's camera sees: a Y4M video that Chromium plays as its fake camera, drawn from a
// picture of another screen the way a hand-held camera would see it.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { lumaOf } from './png.mjs';

const WIDTH = 1280;
const HEIGHT = 720;
/** How much of the frame's height the other screen fills. */
const FILLED = 0.8;
/** Several frames, so that noise moves as it does in a camera. */
const FRAMES = 3;
const NOISE = 12;
const WALL = 96;
const HEADER = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`);
const FRAME_HEADER = Buffer.from('FRAME\n');

export class Camera {
  /** A camera that looks at a wall. */
  constructor() {
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tillmesh-camera-'));
    this.path = path.join(this.folder, 'view.y4m');
    this.seeWall();
  }

  /** Looks at a screen: `png` is a picture of it. Takes effect while the camera is open. */
  see(png) {
    this.#write(blurred(framed(lumaOf(png))));
  }

  /** Looks at nothing in particular. */
  seeWall() {
    this.#write(new Uint8Array(WIDTH * HEIGHT).fill(WALL));
  }

  discard() {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  // Into the file that is there, in one write: Chromium keeps it open and reads each frame anew,
  // so a new file in its place would be seen only by a camera that is opened later.
  #write(luma) {
    const noise = noiseFrom(1);
    const colour = Buffer.alloc(WIDTH * HEIGHT / 2, 128);
    const parts = [HEADER];
    for (let frame = 0; frame < FRAMES; frame += 1) {
      const seen = Buffer.from(luma);
      for (let i = 0; i < seen.length; i += 1) {
        seen[i] = Math.max(0, Math.min(255, luma[i] + noise()));
      }
      parts.push(FRAME_HEADER, seen, colour);
    }
    const exists = fs.existsSync(this.path);
    const file = fs.openSync(this.path, exists ? 'r+' : 'w');
    fs.writeSync(file, Buffer.concat(parts), 0, undefined, 0);
    fs.closeSync(file);
  }
}

/** Puts a picture in the middle of the frame, as large as fits. */
function framed({ width, height, luma }) {
  const scale = Math.min((HEIGHT * FILLED) / height, (WIDTH * FILLED) / width);
  const [left, top] = [(WIDTH - width * scale) / 2, (HEIGHT - height * scale) / 2];
  const frame = new Uint8Array(WIDTH * HEIGHT).fill(WALL);
  for (let y = Math.ceil(top); y < top + height * scale; y += 1) {
    for (let x = Math.ceil(left); x < left + width * scale; x += 1) {
      const [u, v] = [(x - left) / scale, (y - top) / scale];
      frame[y * WIDTH + x] = between(luma, width, height, u, v);
    }
  }
  return frame;
}

function between(luma, width, height, u, v) {
  const [x, y] = [Math.min(Math.floor(u), width - 1), Math.min(Math.floor(v), height - 1)];
  const [right, below] = [Math.min(x + 1, width - 1), Math.min(y + 1, height - 1)];
  const mix = (row) => luma[row * width + x] * (1 - u + x) + luma[row * width + right] * (u - x);
  return mix(y) * (1 - v + y) + mix(below) * (v - y);
}

/** The mean of each point's neighbours: a lens slightly out of focus. */
function blurred(frame) {
  const soft = new Uint8Array(frame);
  for (let y = 1; y < HEIGHT - 1; y += 1) {
    for (let x = 1; x < WIDTH - 1; x += 1) {
      const at = y * WIDTH + x;
      const cross = frame[at - 1] + frame[at + 1] + frame[at - WIDTH] + frame[at + WIDTH];
      soft[at] = (4 * frame[at] + cross) / 8;
    }
  }
  return soft;
}

/** Numbers from −NOISE to NOISE that look random and are the same each time (xorshift32). */
function noiseFrom(seed) {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % (2 * NOISE + 1) - NOISE;
  };
}
