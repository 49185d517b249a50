// Reads the PNG that a browser makes of a page: 8 bits a channel, not interlaced.
// Source: PNG, third edition, §5 (structure) and §9 (filters).
import { inflateSync } from 'node:zlib';

const SIGNATURE = '89504e470d0a1a0a';
const CHANNELS = { 0: 1, 2: 3, 6: 4 };

/** Gives { width, height, luma }: brightness 0–255, row by row, on white where transparent. */
export function lumaOf(png) {
  if (png.subarray(0, 8).toString('hex') !== SIGNATURE) throw new Error('this is no PNG');
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const [depth, colour, , , interlaced] = png.subarray(24, 29);
  const channels = CHANNELS[colour];
  if (depth !== 8 || !channels || interlaced) throw new Error('this PNG is of another kind');
  const rows = unfiltered(inflateSync(Buffer.concat(imageData(png))), width * channels, channels);
  const luma = new Uint8Array(width * height);
  for (let i = 0; i < luma.length; i += 1) luma[i] = brightness(rows, i * channels, channels);
  return { width, height, luma };
}

function imageData(png) {
  const parts = [];
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at);
    const kind = png.toString('latin1', at + 4, at + 8);
    if (kind === 'IDAT') parts.push(png.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  return parts;
}

function unfiltered(data, rowBytes, pixelBytes) {
  const rows = Buffer.alloc((data.length / (rowBytes + 1)) * rowBytes);
  for (let row = 0; row * rowBytes < rows.length; row += 1) {
    const filter = data[row * (rowBytes + 1)];
    for (let i = 0; i < rowBytes; i += 1) {
      const at = row * rowBytes + i;
      const left = i >= pixelBytes ? rows[at - pixelBytes] : 0;
      const up = row > 0 ? rows[at - rowBytes] : 0;
      const corner = row > 0 && i >= pixelBytes ? rows[at - rowBytes - pixelBytes] : 0;
      const raw = data[row * (rowBytes + 1) + 1 + i];
      rows[at] = raw + [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
    }
  }
  return rows;
}

function paeth(left, up, corner) {
  const guess = left + up - corner;
  const [a, b, c] = [left, up, corner].map((value) => Math.abs(guess - value));
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

function brightness(rows, at, channels) {
  if (channels === 1) return rows[at];
  const grey = 0.299 * rows[at] + 0.587 * rows[at + 1] + 0.114 * rows[at + 2];
  const opacity = channels === 4 ? rows[at + 3] / 255 : 1;
  return Math.round(grey * opacity + 255 * (1 - opacity));
}
