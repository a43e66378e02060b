import { z } from 'zod';

// What was told of one database. It lives in `state/<database>.json` and is written by compare-and-swap. Lost or unreadable, it is as if
// nothing had been told: then something is told once more, and never not at all.

const moment = z.iso.datetime();
const short = z.string().max(500);
/** What a message needs later, when whoever should have sent it died. */
const note = z.record(z.string().max(40), short);
const direction = z.enum(['bad', 'good', 'event']);

const claim = z.object({
  /** What is being told: `bad:<fault>`, `good` or `event:<occurrence>`. */
  key: z.string().max(200),
  direction,
  kind: z.string().max(40),
  /** The run that is sending it, and until when nobody else does. */
  by: short,
  until: moment,
  at: moment,
  seq: z.int().min(0),
  reminder: z.boolean(),
  note,
});

const subject = z.object({
  /** Whether the last thing that arrived was trouble. */
  open: z.boolean(),
  /** Counts the changes between bad and good; what was claimed at a lower number is out of date when it arrives. */
  seq: z.int().min(0),
  settledSeq: z.int().min(0),
  last: z.enum(['bad', 'good']),
  /** When this trouble began, and when it was last seen. */
  since: moment.nullable(),
  lastBad: moment.nullable(),
  /** What was wrong when it was last seen: a recovery names it. */
  trouble: note.nullable(),
  /** Of this trouble: each fault that was told, and when anything was told last. */
  faults: z.array(short).max(20),
  lastTold: moment.nullable(),
  /** What arrived within the last day: bounds how often a flapping database is told. */
  recent: z.array(z.object({ at: moment, direction, reminder: z.boolean() })).max(60),
  occurrences: z.array(short).max(50),
  claims: z.array(claim).max(20),
});

export const memorySchema = z.object({
  version: z.literal(1),
  subjects: z.record(z.string().max(200), subject),
});

export type Memory = z.infer<typeof memorySchema>;
export type Subject = z.infer<typeof subject>;
export type Claim = z.infer<typeof claim>;
export type Note = z.infer<typeof note>;

export const NO_MEMORY: Memory = { version: 1, subjects: {} };

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

/** The memory inside a stored JSON value; anything else than one is no memory. */
export function parseMemory(value: unknown): Memory {
  return memorySchema.safeParse(value).data ?? NO_MEMORY;
}
