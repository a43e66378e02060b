import { DAY_MS } from '../lib/text/time.ts';

/** Ordinary in any rhythm: a machine that is off over the holidays. Half the default daily period. */
const ORDINARY_SILENCE_MS = 7 * DAY_MS;
/** A silence is unusual when it is so many times as long as the usual ones. */
const UNUSUAL = 1.5;
/** For so long after a silence, a person can notice that the clock is wrong. */
const DOUBT_MS = 7 * DAY_MS;
/** What begins within so long of the start of a use belongs to it: several databases a night. */
const ONE_USE_MS = DAY_MS / 2;
/** More of the past says less about the present rhythm. */
const MOST_PAUSES = 11;

export type Silence = { readonly from: number; readonly to: number };

/**
 * The time in which nothing was written to a store, if it is unusually long for this store and
 * ended only a few days ago: then the clock may have jumped ahead, and everything would seem
 * expired. `activity` and `now` are in ms. A store that is used once a year may be silent for
 * longer than one that is used every day.
 */
export function unusualSilence(activity: readonly number[], now: number): Silence | undefined {
  const times = [...activity.filter((at) => at < now), now].sort((a, b) => a - b);
  const pauses: number[] = [];
  let useMs = times[0] ?? now;
  for (const [index, to] of times.entries()) {
    const from = times[index - 1] ?? to;
    const length = to - from;
    if (now - to <= DOUBT_MS && length > limitAfter(pauses)) return { from, to };
    // From the start of a use: a store that is used every hour has short pauses, too, and without
    // them its old backups, of which one a month is kept, would look like its rhythm.
    if (to - useMs < ONE_USE_MS) continue;
    pauses.push(to - useMs);
    useMs = to;
  }
  return undefined;
}

/**
 * Goes by the median, because a clock that was wrong earlier left a pause that says nothing. One
 * pause alone may be that one.
 */
function limitAfter(pauses: readonly number[]): number {
  if (pauses.length < 2) return ORDINARY_SILENCE_MS;
  const latest = pauses.slice(-MOST_PAUSES).sort((a, b) => a - b);
  const usual = latest[(latest.length - 1) >> 1] ?? 0;
  return Math.max(ORDINARY_SILENCE_MS, UNUSUAL * usual);
}
