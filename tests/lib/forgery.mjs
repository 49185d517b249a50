// A segment as a device would write it that nobody has let in: everything is right but who it is.
import { createHash, generateKeyPairSync, sign } from 'node:crypto';

const KEY_BYTES = 32;

/** Rewrites a member's segment in the name of a device of its own, and signs it with its key. */
export function byAStranger(segment, memberId) {
  const [signing, agreeing] = ['ed25519', 'x25519'].map((kind) => generateKeyPairSync(kind));
  const [ed25519, x25519] = [signing, agreeing].map(({ publicKey }) => (
    publicKey.export({ type: 'spki', format: 'der' }).subarray(-KEY_BYTES)
  ));
  const tagged = (word, ...parts) => Buffer.concat([Buffer.from(`tillmesh/1 ${word}\0`), ...parts]);
  const stranger = createHash('sha256').update(tagged('device', ed25519, x25519)).digest().subarray(0, 16);

  const forged = Buffer.from(segment);
  stranger.copy(forged, forged.indexOf(Buffer.from(memberId, 'hex')));
  const { header, signatureAt } = partsOf(forged);
  sign(null, tagged('segment', header), signing.privateKey).copy(forged, signatureAt);
  return forged;
}

/** Of the map { 0: header, 1: signature, 2: body }: the header's bytes, and where the signature is. */
function partsOf(segment) {
  const [map, headerKey, ...rest] = segment;
  if (map !== 0xa3 || headerKey !== 0 || rest[0] !== 0x58) throw new Error('this is no segment');
  const header = segment.subarray(4, 4 + segment[3]);
  return { header, signatureAt: 4 + header.length + 3 };
}
