// Chance that can be had again: what looks random in a test follows from one number, which it tells.

/** The number of this run: TILLMESH_SEED, or one of its own. */
export const SEED = Number(process.env.TILLMESH_SEED ?? Date.now() % 2 ** 31);

/** Numbers from 0 to 1 that look random and are the same for a seed (xorshift32). */
export function randomFrom(seed) {
  let state = seed || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
