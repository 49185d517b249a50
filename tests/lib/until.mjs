// Waiting for a condition, never for a time.
import { setTimeout as pause } from 'node:timers/promises';

const LOOK_MS = 20;

/**
 * Looks again and again until `condition` gives something true, and gives that.
 * After `deadline_ms` it throws, saying `what` did not come about.
 */
export async function until(what, condition, deadline_ms = 15_000) {
  const end = performance.now() + deadline_ms;
  for (;;) {
    const outcome = await condition();
    if (outcome) return outcome;
    if (performance.now() > end) throw new Error(`not within ${deadline_ms} ms: ${what}`);
    await pause(LOOK_MS);
  }
}

/** Looks again and again for `duration_ms`, and throws as soon as `condition` gives something false. */
export async function throughout(what, condition, duration_ms) {
  const start = performance.now();
  while (performance.now() < start + duration_ms) {
    if (!await condition()) {
      throw new Error(`no more after ${Math.round(performance.now() - start)} ms: ${what}`);
    }
    await pause(LOOK_MS);
  }
}
