// A member that misbehaves: its own page's channels pass on something else than the app wrote.
// Whoever it talks to is an untouched device.

const SEGMENTS = 7; // The kind of a message that carries segments: docs/protocol.md §12.

/** Makes every page that the device opens from now on ready to be turned by `attack`. */
export function mayAttack({ context }) {
  return context.addInitScript(wrapChannels, SEGMENTS);
}

/**
 * Turns the page: `cut`, `forge` and `replace` (by the `segment` given) frames that carry segments,
 * send each of them `twice`, or say what was said on the page's first link in place of what is
 * said now (`recorded`); `none` behaves again.
 */
export function attack({ page }, mode, segment) {
  return page.evaluate(([wanted, bytes]) => {
    window.attack = { mode: wanted, segment: bytes && Uint8Array.fromBase64(bytes) };
  }, [mode, segment?.toString('base64')]);
}

/** The bytes of every sale that a device holds of its own, in order, read from its store. */
export async function ownSales({ page }, deviceId) {
  const rows = await page.evaluate(readSegments);
  const [salesStream, author] = [1, Buffer.from(deviceId, 'hex')];
  return rows.map(([key, value]) => [Buffer.from(key, 'base64'), Buffer.from(value, 'base64')])
    .filter(([key]) => key[16] === salesStream && key.subarray(17, 33).equals(author))
    .map(([, value]) => value);
}

/** Runs in the page: everything in the store of segments. */
async function readSegments() {
  const wait = (request) => new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
  const database = await wait(indexedDB.open('tillmesh'));
  const store = database.transaction('segments').objectStore('segments');
  const [keys, values] = await Promise.all([wait(store.getAllKeys()), wait(store.getAll())]);
  database.close();
  const text = (bytes) => new Uint8Array(bytes).toBase64();
  return keys.map((key, row) => [text(key), text(values[row])]);
}

/** Runs in the page, before the app: what goes into a channel passes through `window.attack`. */
function wrapChannels(segments) {
  const HEADER_BYTES = 16;
  const send = RTCDataChannel.prototype.send;
  const first = new Map();
  const said = new WeakMap();
  window.attack = { mode: 'none' };

  const carriesSegments = (frame) => frame[HEADER_BYTES] === 0x82 && frame[HEADER_BYTES + 1] === segments;
  const turned = {
    none: (frame) => [frame],
    cut: (frame) => [carriesSegments(frame) ? frame.slice(0, HEADER_BYTES - 1) : frame],
    forge: (frame) => [carriesSegments(frame) ? withWrongSignature(frame) : frame],
    twice: (frame) => (carriesSegments(frame) ? [frame, frame] : [frame]),
    replace: (frame) => [carriesSegments(frame) ? withSegment(frame, window.attack.segment) : frame],
  };

  // A segment is a map of header, signature (1: 64 bytes) and body.
  function withWrongSignature(frame) {
    const at = frame.findIndex((_, i) => frame[i] === 0x01 && frame[i + 1] === 0x58 && frame[i + 2] === 64);
    const forged = frame.slice();
    forged[at + 3] ^= 1;
    return forged;
  }

  // The message that carries this one segment, in a frame with the number of the one that was to go.
  function withSegment(frame, segment) {
    const length = [segment.length >> 8, segment.length & 0xff];
    const message = [0x82, segments, 0x82, 0x81, 0x59, ...length, ...segment, 0x00];
    const replaced = Uint8Array.from([...frame.slice(0, HEADER_BYTES), ...message]);
    new DataView(replaced.buffer).setUint32(12, message.length);
    return replaced;
  }

  RTCDataChannel.prototype.send = function (given) {
    const frame = new Uint8Array(given);
    const number = said.get(this) ?? 0;
    said.set(this, number + 1);
    if (!first.has(this.label)) first.set(this.label, { channel: this, frames: [] });
    const recording = first.get(this.label);
    if (recording.channel === this) recording.frames.push(frame.slice());
    const { mode } = window.attack;
    const frames = mode === 'recorded' ? [recording.frames[number] ?? frame] : turned[mode](frame);
    for (const one of frames) send.call(this, one);
  };
}
