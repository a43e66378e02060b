import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../lib/text/time.ts';
import type { RunRecord } from '../../../documents/run.ts';
import { isRestoreTest, runTone, type RunTone } from './tone.ts';

export const SLOTS = 90;

// How much time one bar may stand for.
const STEPS_MS = [
  5 * MINUTE_MS,
  10 * MINUTE_MS,
  15 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  2 * HOUR_MS,
  3 * HOUR_MS,
  4 * HOUR_MS,
  6 * HOUR_MS,
  8 * HOUR_MS,
  12 * HOUR_MS,
  DAY_MS,
  2 * DAY_MS,
  7 * DAY_MS,
  14 * DAY_MS,
  31 * DAY_MS,
] as const;
const LONGEST_STEP = STEPS_MS[STEPS_MS.length - 1] ?? DAY_MS;
// A schedule that starts a little late must not look like a longer one.
const TOLERANCE = 1.1;

/** The runs in one stretch of time. `none`: before the first run with a date. */
export type TimelineSlot = {
  readonly tone: RunTone | 'gap' | 'none';
  readonly runs: readonly RunRecord[];
};
export type Timeline = {
  /** Oldest first; the last one contains the moment. */
  readonly slots: readonly TimelineSlot[];
  /** How much time each slot stands for, ms. */
  readonly stepMs: number;
  /** The beginning of the first slot, ms since 1970. */
  readonly from: number;
};

/**
 * The last runs on an axis of time that ends now, so that a backup that did not run is a gap. One
 * bar stands for about as much time as lies between two backups. Days are those of the time zone.
 */
export function timelineOf(runs: readonly RunRecord[], at: string, timeZone: string): Timeline {
  const now = Date.parse(at) || 0;
  const stepMs = slotLength(runs);
  const shiftMs = (ms: number): number => (stepMs >= DAY_MS ? offsetMs(ms, timeZone) : 0);
  const slotAt = (ms: number): number =>
    Number.isNaN(ms) ? ms : Math.floor((ms + shiftMs(ms)) / stepMs);
  const last = slotAt(now);
  const bySlot = Map.groupBy(runs, ({ startedAt, endedAt }) =>
    // A run of another clock may lie ahead.
    Math.min(last, slotAt(Date.parse(startedAt) || Date.parse(endedAt))),
  );
  const datedSlots = [...bySlot.keys()].filter((slot) => !Number.isNaN(slot));
  const first = Math.min(...datedSlots);
  const slots = Array.from({ length: SLOTS }, (_, n): TimelineSlot => {
    const slot = last - SLOTS + 1 + n;
    const inSlot = bySlot.get(slot) ?? [];
    return { runs: inSlot, tone: worstTone(inSlot) ?? (slot < first ? 'none' : 'gap') };
  });
  return { slots, stepMs, from: (last - SLOTS + 1) * stepMs - shiftMs(now) };
}

function worstTone(runs: readonly RunRecord[]): RunTone | undefined {
  const tones = runs.map(runTone);
  return (['bad', 'warn', 'good'] as const).find((tone) => tones.includes(tone));
}

/** The step that fits the median time between backups; a day when there are too few to tell. */
function slotLength(runs: readonly RunRecord[]): number {
  const times = runs
    .filter((run) => !isRestoreTest(run))
    .map(({ startedAt }) => Date.parse(startedAt))
    .filter((ms) => !Number.isNaN(ms))
    .sort((a, b) => a - b);
  const distances = times
    .slice(1)
    .map((ms, n) => ms - (times[n] ?? ms))
    .sort((a, b) => a - b);
  const median = distances[Math.floor(distances.length / 2)];
  if (median === undefined) return DAY_MS;
  return STEPS_MS.find((step) => median <= step * TOLERANCE) ?? LONGEST_STEP;
}

/** How far the clocks of a zone are ahead of UTC. A zone that nobody knows counts as UTC. */
function offsetMs(ms: number, timeZone: string): number {
  const text = formatterOf(timeZone)?.format(ms) ?? '';
  const [, sign = '+', hours = '0', minutes = '0'] = /GMT([+-])(\d\d):(\d\d)/.exec(text) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * HOUR_MS + Number(minutes) * MINUTE_MS);
}

const formatters = new Map<string, Intl.DateTimeFormat | undefined>();

function formatterOf(timeZone: string): Intl.DateTimeFormat | undefined {
  if (!formatters.has(timeZone)) {
    // Zones may come from a document; the cache must not grow without a limit.
    if (formatters.size > 1000) formatters.clear();
    formatters.set(timeZone, newFormatter(timeZone));
  }
  return formatters.get(timeZone);
}

function newFormatter(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
  } catch {
    return undefined;
  }
}
