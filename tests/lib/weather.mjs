// Links that break and come back by chance, the same for a seed.

/** A link holds for so long at most before it is cut. */
const FAIR_MS_MAX = 40_000;
/** From a cut that nobody need notice to one after which every link is given up. */
const CUT_MS_MIN = 500;
const CUT_MS_MAX = 25_000;

/**
 * Which of these `places` are cut from each other and mended when: `[{ at_ms, ends, is_cut }]`, the
 * earliest first. Each two break on their own; what is cut at the end is mended then.
 */
export function weather(places, duration_ms, random) {
  const pairs = places.flatMap((one, i) => places.slice(i + 1).map((other) => [one, other]));
  const changes = pairs.flatMap((ends) => {
    const own = [];
    for (let at_ms = random() * FAIR_MS_MAX; at_ms < duration_ms;) {
      const mended_ms = at_ms + CUT_MS_MIN + random() * (CUT_MS_MAX - CUT_MS_MIN);
      own.push({ at_ms, ends, is_cut: true });
      own.push({ at_ms: Math.min(mended_ms, duration_ms), ends, is_cut: false });
      at_ms = mended_ms + random() * FAIR_MS_MAX;
    }
    return own;
  });
  return changes.sort((a, b) => a.at_ms - b.at_ms);
}
