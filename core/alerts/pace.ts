import { z } from 'zod';
import { HOUR_MS } from '../lib/text/time.ts';
import { changeStored } from '../state/stored.ts';
import type { Store } from '../store/store.ts';
import { isoTime } from './memory.ts';

// Which databases were reported for one cause within an hour, and which channels asked for a pause. All
// runs share it, in the field `pacing` of `state/_store.json`. One that is lost or damaged counts as
// empty: then more alerts are sent at once.

/**
 * The state object of what concerns the store itself. No database can have this name.
 */
export const STORE_MEMORY = '_store';
/** How many databases of one cause are reported at once; the others wait for a digest. */
export const MOST_AT_ONCE = 3;
const CAUSE_MS = HOUR_MS;
const LONGEST_PAUSE_MS = HOUR_MS;

const pacingSchema = z.object({
  version: z.literal(1),
  causes: z.record(
    z.string().max(200),
    z.object({ until: isoTime, databases: z.array(z.string().max(200)).max(10) }),
  ),
  /** The end of the pause of a channel. */
  pauses: z.record(z.string().max(40), isoTime),
});

export type Pacing = z.infer<typeof pacingSchema>;
export const NO_PACING: Pacing = { version: 1, causes: {}, pauses: {} };

export type CountedAlert = { readonly cause: string; readonly database: string };
export type Admission = {
  /** For each alert: whether it may be sent at once. */
  readonly admitted: readonly boolean[];
  readonly pacing: Pacing;
};

/** Counts the databases of each cause. One that was reported may be reported again. */
export function admit(before: Pacing, alerts: readonly CountedAlert[], now: Date): Admission {
  const pacing = current(before, now);
  const end = new Date(now.getTime() + CAUSE_MS).toISOString();
  const admitted = alerts.map(({ cause, database }) => {
    const { until = end, databases = [] } = pacing.causes[cause] ?? {};
    if (databases.includes(database)) return true;
    if (databases.length >= MOST_AT_ONCE) return false;
    pacing.causes[cause] = { until, databases: [...databases, database] };
    return true;
  });
  return { admitted, pacing };
}

/** The pacing after channels asked for pauses, in ms. */
export function withPauses(before: Pacing, pauses: ReadonlyMap<string, number>, now: Date): Pacing {
  const pacing = current(before, now);
  for (const [channel, ms] of pauses) {
    const until = new Date(now.getTime() + Math.min(ms, LONGEST_PAUSE_MS)).toISOString();
    if ((pacing.pauses[channel] ?? '') < until) pacing.pauses[channel] = until;
  }
  return pacing;
}

/** Changes the stored pacing by compare-and-swap; one that stays the same is not written. */
export function updatePacing<T>(
  store: Store,
  change: (pacing: Pacing) => { readonly pacing: Pacing; readonly result: T },
): Promise<T> {
  return changeStored(store, STORE_MEMORY, ({ fields }) => {
    const before = pacingSchema.safeParse(fields['pacing']).data ?? NO_PACING;
    const { pacing, result } = change(before);
    const isSame = JSON.stringify(pacing) === JSON.stringify(before);
    return { fields: isSame ? undefined : { ...fields, pacing }, result };
  });
}

/** Without what is over, or ends so far ahead that a clock must have been wrong. */
function current({ causes, pauses }: Pacing, now: Date): Pacing {
  const isCurrent = (until: string): boolean => {
    const remainingMs = Date.parse(until) - now.getTime();
    return remainingMs > 0 && remainingMs <= CAUSE_MS;
  };
  return {
    version: 1,
    causes: Object.fromEntries(Object.entries(causes).filter(([, { until }]) => isCurrent(until))),
    pauses: Object.fromEntries(Object.entries(pauses).filter(([, until]) => isCurrent(until))),
  };
}
