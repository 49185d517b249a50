// Figures out of many measurements.

/** The value below which that share of the measurements lies, interpolated; `share` from 0 to 1. */
export function quantile(measured, share) {
  if (measured.length === 0) throw new Error('nothing was measured');
  const sorted = measured.toSorted((one, other) => one - other);
  const place = (sorted.length - 1) * share;
  const [low, high] = [Math.floor(place), Math.ceil(place)];
  return sorted[low] + (sorted[high] - sorted[low]) * (place - low);
}

export const median = (measured) => quantile(measured, 0.5);

/** A figure over rounds: of all measurements together, and the least and most of a round. */
export function overRounds(rounds, share) {
  const each = rounds.map((round) => quantile(round, share));
  return { value: quantile(rounds.flat(), share), least: Math.min(...each), most: Math.max(...each) };
}

/** A figure of which every run gives one: the median, the least and the most. */
export function overRuns(measured) {
  return { value: median(measured), least: Math.min(...measured), most: Math.max(...measured) };
}

/** A number with as many digits as mean something: three, and no fraction from 100 on. */
export function written(value) {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

/** A figure with its spread, as `4.20 (3.90–5.10)`. */
export function writtenWithSpread({ value, least, most }) {
  return least === most ? written(value) : `${written(value)} (${written(least)}–${written(most)})`;
}
