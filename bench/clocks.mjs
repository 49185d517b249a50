// Two pages' clocks, made comparable.

const ROUND_TRIPS = 40;

/** The difference of a page's clock from ours, in milliseconds, and how far wrong that may be. */
async function offsetOf({ page }) {
  let best = { error: Infinity };
  for (let i = 0; i < ROUND_TRIPS; i += 1) {
    const before = now();
    const there = await page.evaluate(() => performance.timeOrigin + performance.now());
    const after = now();
    const error = (after - before) / 2;
    if (error < best.error) best = { error, offset: there - (before + after) / 2 };
  }
  return best;
}

/**
 * What to add to a time of `from` to have it by the clock of `to`. Zero unless the clocks differ
 * by more than the estimate may be wrong: processes of one machine share a clock, but for how
 * exactly each page knows when it began.
 */
export async function difference(from, to) {
  const [one, other] = [await offsetOf(from), await offsetOf(to)];
  const estimate = other.offset - one.offset;
  return Math.abs(estimate) > one.error + other.error ? estimate : 0;
}

function now() {
  return performance.timeOrigin + performance.now();
}
