// A bare data channel: messages cut into frames, and never more on the way than a window.

/** One frame. Larger ones are cut by some browsers anyhow. */
const FRAME_BYTES = 16 * 1024;
/**
 * What the receiving page has not confirmed yet, at most. With more, packets overrun the other
 * process' socket and are lost: slower, not faster.
 */
const WINDOW_BYTES = 64 * 1024;
/** Kind (1 byte), place, count and length (4 bytes each). */
const HEAD_BYTES = 13;

/** A connection whose card (its whole description) is complete, candidates included. */
export async function describe(connection, description) {
  await connection.setLocalDescription(description);
  if (connection.iceGatheringState !== 'complete') {
    await new Promise((resolve) => {
      connection.onicegatheringstatechange = () => {
        if (connection.iceGatheringState === 'complete') resolve();
      };
    });
  }
  return connection.localDescription.toJSON();
}

export class Channel {
  #sent = 0;
  #confirmed = 0;
  #received = 0;
  #told = 0;
  #wake = () => {};
  #queue = Promise.resolve();
  #held = new Uint8Array(0);

  /** `take(kind, place, count, payload)` is called with each message, in order. */
  constructor(channel, take) {
    this.channel = channel;
    this.take = take;
    channel.binaryType = 'arraybuffer';
    channel.onmessage = ({ data }) => this.#arrived(data);
    this.opened = channel.readyState === 'open' ? Promise.resolve()
      : new Promise((resolve) => { channel.onopen = () => resolve(); });
  }

  /** Sends a message behind those that wait. */
  send(kind, place, count, payload) {
    const message = new Uint8Array(HEAD_BYTES + payload.length);
    const head = new DataView(message.buffer);
    head.setUint8(0, kind);
    [place, count, payload.length].forEach((number, i) => head.setUint32(1 + 4 * i, number));
    message.set(payload, HEAD_BYTES);
    this.#queue = this.#queue.then(() => this.#sendFrames(message));
    return this.#queue;
  }

  async #sendFrames(message) {
    for (let start = 0; start < message.length; start += FRAME_BYTES) {
      const frame = message.subarray(start, start + FRAME_BYTES);
      while (this.#sent - this.#confirmed + frame.length > WINDOW_BYTES) {
        await new Promise((resolve) => { this.#wake = resolve; });
      }
      if (this.channel.readyState !== 'open') return;
      this.channel.send(frame);
      this.#sent += frame.length;
    }
  }

  #arrived(data) {
    if (typeof data === 'string') {
      this.#confirmed = Number(data);
      this.#wake();
      return;
    }
    this.#received += data.byteLength;
    if (this.#received - this.#told >= FRAME_BYTES) {
      this.#told = this.#received;
      this.channel.send(String(this.#received));
    }
    this.#cut(new Uint8Array(data));
  }

  /** Takes whole messages out of what has come so far. */
  #cut(bytes) {
    let held = bytes;
    if (this.#held.length > 0) {
      held = new Uint8Array(this.#held.length + bytes.length);
      held.set(this.#held);
      held.set(bytes, this.#held.length);
    }
    let start = 0;
    while (held.length - start >= HEAD_BYTES) {
      const head = new DataView(held.buffer, held.byteOffset + start, HEAD_BYTES);
      const end = start + HEAD_BYTES + head.getUint32(9);
      if (end > held.length) break;
      this.take(head.getUint8(0), head.getUint32(1), head.getUint32(5), held.slice(start + HEAD_BYTES, end));
      start = end;
    }
    this.#held = held.subarray(start);
  }
}
