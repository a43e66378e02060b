import { DAY_MS, HOUR_MS } from '../lib/text/time.ts';
import type { Claim, Note, SubjectMemory } from './memory.ts';

// The rules for one subject: which alert is due, given what was reported, what is being sent and
// what was just observed.

export type Observation = {
  /**
   * `backup`, `late`, `copy:<store>`, `space`, `watch:<check>`, `run:<operation>` or
   * `restore-test`.
   */
  readonly subject: string;
  /** When it happened, ISO 8601. */
  readonly at: string;
  readonly note: Note;
} & (
  | { readonly state: 'good' }
  /**
   * `kind` is the notification's; `fault` names the problem, such as `snapshot/source_busy`. A
   * different fault is reported at once.
   */
  | { readonly state: 'bad'; readonly kind: string; readonly fault: string }
  /** Reported once and never resolved, such as the result of one restore test. */
  | { readonly state: 'event'; readonly kind: string; readonly occurrence: string }
);

/** The run that wants to send. */
export type Claimant = {
  readonly now: Date;
  /** Names this run, and no other at the same time. */
  readonly runId: string;
  /** Longer than sending can take. */
  readonly leaseMs: number;
  /** How long a problem lasts before a reminder; a day when absent. */
  readonly repeatMs?: number | undefined;
  /** Sends a digest, and so takes over held alerts at once. */
  readonly takesHeld?: boolean | undefined;
};

/** A claim without its owner and its lease. */
export type DueAlert = Pick<
  Claim,
  'key' | 'direction' | 'kind' | 'reminder' | 'at' | 'note' | 'channels'
>;

type Repeat = Pick<Claimant, 'now' | 'repeatMs'>;

export const MOST_RECOVERIES = 3;
export const MOST_FAULTS = 6;
/** How long an alert waits for a digest. */
export const HOLD_MS = HOUR_MS;
/** After this time a channel that never works does not get the message any more. */
const OWED_MS = 7 * DAY_MS;
// The clocks of machines differ. A time further ahead than this comes from a clock that was wrong.
const SKEW = 300_000;

/**
 * The alert that an observation calls for, unless it was reported, waits for a digest, or another
 * run is sending it.
 */
export function alertDue(
  subject: SubjectMemory,
  live: readonly Claim[],
  observation: Observation,
  repeat: Repeat,
): DueAlert | undefined {
  const { at, note } = observation;
  const common = { at: storedTime(at, repeat.now), note: shortened(note), reminder: false };
  const isHeld = (key: string): boolean => live.some((each) => each.held && each.key === key);
  if (observation.state === 'good') {
    const recovery = { ...common, key: 'good', direction: 'good', kind: 'recovered' } as const;
    return isHeld(recovery.key) ? undefined : recoveryDue(subject, live, recovery);
  }
  if (observation.state === 'bad') {
    const key = `bad:${observation.fault.slice(0, 150)}`;
    if (isHeld(key)) return undefined;
    return failureDue(
      subject,
      live,
      { ...common, key, direction: 'bad', kind: observation.kind },
      repeat,
    );
  }
  const occurrence = observation.occurrence.slice(0, 150);
  const key = `event:${occurrence}`;
  const reported =
    subject.occurrences.includes(occurrence) || live.some((each) => each.key === key);
  return reported ? undefined : { ...common, key, direction: 'event', kind: observation.kind };
}

/**
 * The alerts of claims that are due again; bad and good news only while still true, and for each
 * channel only the newest.
 */
export function expiredAlerts(
  subject: SubjectMemory,
  live: readonly Claim[],
  due: readonly DueAlert[],
  now: Date,
): DueAlert[] {
  const expired = subject.claims.filter(
    (claim) =>
      !live.includes(claim) &&
      !due.some(({ key }) => key === claim.key) &&
      !(claim.channels && isPast(claim.at, OWED_MS, now)),
  );
  const events = expired.filter(({ direction }) => direction === 'event');
  if (due.some(({ direction }) => direction !== 'event')) return events;
  return [...events, ...newestForEachChannel(expired, subject.last)];
}

function newestForEachChannel(expired: readonly Claim[], last: SubjectMemory['last']): Claim[] {
  const reached = new Set<string>();
  const newest: Claim[] = [];
  for (const claim of expired.filter(({ direction }) => direction === last).reverse()) {
    const channels = claim.channels?.filter((channel) => !reached.has(channel));
    if (channels?.length === 0) continue;
    newest.unshift({ ...claim, channels });
    if (!channels) break;
    channels.forEach((channel) => reached.add(channel));
  }
  return newest;
}

export function observe(
  subject: SubjectMemory,
  observation: Observation,
  now: Date,
): SubjectMemory {
  if (observation.state === 'event') return subject;
  const turned = observation.state !== subject.last;
  const seq = subject.seq + (turned ? 1 : 0);
  if (observation.state === 'good') return { ...subject, seq, last: 'good' };
  const at = storedTime(observation.at, now);
  return {
    ...subject,
    seq,
    last: 'bad',
    since: turned ? at : subject.since,
    lastBad: at,
    trouble: shortened(observation.note),
  };
}

/** A success that ended before the last failure is no recovery. */
export function isOutdated(
  { lastBad }: SubjectMemory,
  observation: Observation,
  now: Date,
): boolean {
  return (
    observation.state === 'good' &&
    lastBad !== null &&
    ms(observation.at) < ms(lastBad) &&
    ms(lastBad) <= now.getTime() + SKEW
  );
}

/**
 * Whether a claim still belongs to its run or to the next digest; one that ends further ahead than
 * any lease comes from a wrong clock.
 */
export function isLive(
  { until, held }: Claim,
  { now, leaseMs, takesHeld }: Pick<Claimant, 'now' | 'leaseMs' | 'takesHeld'>,
): boolean {
  if (held && takesHeld) return false;
  const longest = (held ? HOLD_MS : leaseMs) + SKEW;
  return ms(until) > now.getTime() && ms(until) <= now.getTime() + longest;
}

export function lastDay(recent: SubjectMemory['recent'], now: Date): SubjectMemory['recent'] {
  return recent.filter(({ at }) => !isPast(at, DAY_MS, now)).slice(-60);
}

export function countRecent({ recent }: SubjectMemory, direction: 'bad' | 'good'): number {
  return recent.filter((each) => each.direction === direction && !each.reminder).length;
}

function recoveryDue(
  subject: SubjectMemory,
  live: readonly Claim[],
  recovery: DueAlert,
): DueAlert | undefined {
  const isUnsent = subject.claims.some((each) => each.direction === 'good' && isForAll(each));
  const retry = isUnsent && !live.some(({ direction }) => direction === 'good');
  if (!retry && !isProblemReported(subject)) return undefined;
  // A recovery that is held back leaves the problem open, so that the next failure belongs to it;
  // after a quiet day the recovery is reported.
  return countRecent(subject, 'good') < MOST_RECOVERIES ? recovery : undefined;
}

function failureDue(
  subject: SubjectMemory,
  live: readonly Claim[],
  failure: DueAlert,
  { now, repeatMs = DAY_MS }: Repeat,
): DueAlert | undefined {
  if (!isProblemReported(subject)) return failure;
  if (live.some(({ key }) => key === failure.key)) return undefined;
  const unconfirmed = subject.claims.some(({ key, reminder }) => key === failure.key && !reminder);
  const isNewFault = !subject.faults.includes(failure.key.slice('bad:'.length));
  if (unconfirmed && isNewFault) return failure;
  const isSending = live.some((each) => each.direction === 'bad' && isForAll(each));
  // The run that should have reported the problem is gone.
  if (!subject.open && !isSending) return failure;
  if (isNewFault && countRecent(subject, 'bad') < MOST_FAULTS) return failure;
  return !isSending && isPast(subject.lastTold, remindAfter(repeatMs), now)
    ? { ...failure, reminder: true }
    : undefined;
}

/**
 * Whether the recipients know of a problem, or will once every alert that is being sent has arrived.
 * Nobody knows yet of one that is held.
 */
function isProblemReported({ open, settledSeq, claims }: SubjectMemory): boolean {
  const latest = claims
    .filter((claim) => claim.direction !== 'event' && isForAll(claim))
    .sort((a, b) => a.seq - b.seq)
    .at(-1);
  return latest && latest.seq >= settledSeq ? latest.direction === 'bad' : open;
}

/** Whether a run sends it, or should have sent it, to every channel. */
function isForAll({ held, channels }: Claim): boolean {
  return !held && channels === undefined;
}

// Slightly less than configured: a daily run that starts a little earlier than yesterday still
// reminds.
function remindAfter(repeatMs: number): number {
  return repeatMs - Math.min(HOUR_MS, repeatMs / 10);
}

function ms(iso: string | null): number {
  return iso === null ? Number.NaN : Date.parse(iso);
}

/** Whether a time is that long ago, or so far ahead that the clock must have gone back. */
function isPast(iso: string | null, age: number, now: Date): boolean {
  const passedMs = now.getTime() - ms(iso);
  return Number.isNaN(passedMs) || passedMs >= age || passedMs < -SKEW;
}

/** In the form that the memory stores; a time that cannot be parsed counts as now. */
function storedTime(iso: string, now: Date): string {
  return (Number.isNaN(ms(iso)) ? now : new Date(iso)).toISOString();
}

function shortened(note: Note): Note {
  return Object.fromEntries(
    Object.entries(note).map(([key, value]) => [key.slice(0, 40), value.slice(0, 500)]),
  );
}
