import { z } from 'zod';

// The notifications sent about one database, stored in the field `told` of `state/<database>.json`.
// The field names here are stored too, so they do not change. A memory that is lost or damaged
// counts as empty: then a notification may be sent again, but none is lost.

const moment = z.iso.datetime();
const short = z.string().max(500);
/** The facts that a notification needs, for the run that sends it in place of one that crashed. */
const note = z.record(z.string().max(40), short);
const direction = z.enum(['bad', 'good', 'event']);

/** A run is about to send this alert; no other run sends it before the lease ends. */
const claim = z.object({
  /** `bad:<fault>`, `good` or `event:<occurrence>`. */
  key: z.string().max(200),
  direction,
  kind: z.string().max(40),
  /** The id of the run, and the end of its lease. */
  by: short,
  until: moment,
  at: moment,
  seq: z.int().min(0),
  reminder: z.boolean(),
  note,
});

const subject = z.object({
  /** Whether the last notification that arrived reported a problem. */
  open: z.boolean(),
  /**
   * Counts the changes between bad and good: an alert that was claimed at a lower number arrives
   * out of date.
   */
  seq: z.int().min(0),
  settledSeq: z.int().min(0),
  last: z.enum(['bad', 'good']),
  /** When this problem began, and when it was last observed. */
  since: moment.nullable(),
  lastBad: moment.nullable(),
  /** The problem as last observed: the recovery names it. */
  trouble: note.nullable(),
  /** The faults of this problem that were reported, and the time of the last report. */
  faults: z.array(short).max(20),
  lastTold: moment.nullable(),
  /** The notifications of the last day: limits how often a flapping database is reported. */
  recent: z.array(z.object({ at: moment, direction, reminder: z.boolean() })).max(60),
  occurrences: z.array(short).max(50),
  claims: z.array(claim).max(20),
});

const memorySchema = z.object({
  version: z.literal(1),
  subjects: z.record(z.string().max(200), subject),
});

export type NotificationMemory = z.infer<typeof memorySchema>;
export type Subject = z.infer<typeof subject>;
export type Claim = z.infer<typeof claim>;
export type Note = z.infer<typeof note>;

export const EMPTY_MEMORY: NotificationMemory = { version: 1, subjects: {} };

export const NEW_SUBJECT: Subject = {
  open: false,
  seq: 0,
  settledSeq: 0,
  last: 'good',
  since: null,
  lastBad: null,
  trouble: null,
  faults: [],
  lastTold: null,
  recent: [],
  occurrences: [],
  claims: [],
};

/** The memory in a stored JSON value; any other value counts as an empty memory. */
export function parseMemory(value: unknown): NotificationMemory {
  return memorySchema.safeParse(value).data ?? EMPTY_MEMORY;
}
