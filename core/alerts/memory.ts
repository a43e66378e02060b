import { z } from 'zod';

// The notifications sent about one database, stored in the field `told` of `state/<database>.json`.
// The field names here are stored too, so they do not change. A memory that is lost or damaged
// counts as empty: then a notification may be sent again, but none is lost.

/** A time as it is stored. */
export const isoTime = z.iso.datetime();
const short = z.string().max(500);
/** The facts that a notification needs, for the run that sends it in place of one that crashed. */
const note = z.record(z.string().max(40), short);
const direction = z.enum(['bad', 'good', 'event']);

/**
 * An alert that has not arrived everywhere. Until `until` it belongs to the run that claimed it, or,
 * if it is held, to the next digest; afterwards any run may send it. docs/decisions/alerts.md has
 * the reasons.
 */
const claimSchema = z.object({
  /** `bad:<fault>`, `good` or `event:<occurrence>`. */
  key: z.string().max(200),
  direction,
  kind: z.string().max(40),
  /** The id of the run, and the end of its lease or of the time that it is held. */
  by: short,
  until: isoTime,
  at: isoTime,
  seq: z.int().min(0),
  reminder: z.boolean(),
  note,
  /** It waits for a digest: no run is sending it. Older versions do not know this field. */
  held: z.boolean().optional(),
  /**
   * The channels that it has not reached; absent: all. Older versions do not know this field and
   * send to every channel.
   */
  channels: z.array(z.string().max(40)).max(20).optional(),
});

const subjectSchema = z.object({
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
  since: isoTime.nullable(),
  lastBad: isoTime.nullable(),
  /** The problem as last observed: the recovery names it. */
  trouble: note.nullable(),
  /** The faults of this problem that were reported, and the time of the last report. */
  faults: z.array(short).max(20),
  lastTold: isoTime.nullable(),
  /** The notifications of the last day: limits how often a flapping database is reported. */
  recent: z.array(z.object({ at: isoTime, direction, reminder: z.boolean() })).max(60),
  occurrences: z.array(short).max(50),
  claims: z.array(claimSchema).max(20),
});

const memorySchema = z.object({
  version: z.literal(1),
  subjects: z.record(z.string().max(200), subjectSchema),
});

export type NotificationMemory = z.infer<typeof memorySchema>;
export type SubjectMemory = z.infer<typeof subjectSchema>;
export type Claim = z.infer<typeof claimSchema>;
export type Note = z.infer<typeof note>;

export const EMPTY_MEMORY: NotificationMemory = { version: 1, subjects: {} };

export const NEW_SUBJECT: SubjectMemory = {
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
