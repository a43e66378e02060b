import type { Claim, Note, Subject } from './memory.ts';
import { DAY_MS, HOUR_MS } from '../lib/time.ts';

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
};

/** A claim without its owner and its lease. */
export type DueAlert = Pick<Claim, 'key' | 'direction' | 'kind' | 'reminder' | 'at' | 'note'>;

type Repeat = Pick<Claimant, 'now' | 'repeatMs'>;

export const MOST_RECOVERIES = 3;
export const MOST_FAULTS = 6;
// The clocks of machines differ. A time further ahead than this comes from a clock that was wrong.
const SKEW = 300_000;

/** The alert that an observation calls for, unless it was reported or another run is sending it. */
export function alertDue(
  subject: Subject,
  live: readonly Claim[],
  observation: Observation,
  repeat: Repeat,
): DueAlert | undefined {
  const { at, note } = observation;
  const common = { at: momentOf(at, repeat.now), note: shortened(note), reminder: false };
  if (observation.state === 'good')
    return recoveryDue(subject, live, {
      ...common,
      key: 'good',
      direction: 'good',
      kind: 'recovered',
    });
  if (observation.state === 'bad') {
    const key = `bad:${observation.fault.slice(0, 150)}`;
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
 * The alerts of claims whose lease ended without a confirmation; bad and good news only while still
 * true.
 */
export function expiredAlerts(
  subject: Subject,
  live: readonly Claim[],
  due: readonly DueAlert[],
): DueAlert[] {
  const expired = subject.claims.filter(
    (claim) => !live.includes(claim) && !due.some(({ key }) => key === claim.key),
  );
  const events = expired.filter(({ direction }) => direction === 'event');
  const newest = expired.filter(({ direction }) => direction === subject.last).at(-1);
  return [
    ...events,
    ...(newest && !due.some(({ direction }) => direction !== 'event') ? [newest] : []),
  ];
}

export function observe(subject: Subject, observation: Observation, now: Date): Subject {
  if (observation.state === 'event') return subject;
  const turned = observation.state !== subject.last;
  const seq = subject.seq + (turned ? 1 : 0);
  if (observation.state === 'good') return { ...subject, seq, last: 'good' };
  const at = momentOf(observation.at, now);
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
export function isOutdated({ lastBad }: Subject, observation: Observation, now: Date): boolean {
  return (
    observation.state === 'good' &&
    lastBad !== null &&
    ms(observation.at) < ms(lastBad) &&
    ms(lastBad) <= now.getTime() + SKEW
  );
}

/**
 * Whether the lease of a claim still runs; one that ends further ahead than any lease comes from a
 * wrong clock.
 */
export function isLive(
  { until }: Claim,
  { now, leaseMs }: Pick<Claimant, 'now' | 'leaseMs'>,
): boolean {
  return ms(until) > now.getTime() && ms(until) <= now.getTime() + leaseMs + SKEW;
}

export function lastDay(recent: Subject['recent'], now: Date): Subject['recent'] {
  return recent.filter(({ at }) => !isPast(at, DAY_MS, now)).slice(-60);
}

export function countRecent({ recent }: Subject, direction: 'bad' | 'good'): number {
  return recent.filter((each) => each.direction === direction && !each.reminder).length;
}

function recoveryDue(
  subject: Subject,
  live: readonly Claim[],
  recovery: DueAlert,
): DueAlert | undefined {
  const retry =
    subject.claims.some(({ direction }) => direction === 'good') &&
    !live.some(({ direction }) => direction === 'good');
  if (!retry && !isProblemReported(subject)) return undefined;
  // A recovery that is held back leaves the problem open, so that the next failure belongs to it;
  // after a quiet day the recovery is reported.
  return countRecent(subject, 'good') < MOST_RECOVERIES ? recovery : undefined;
}

function failureDue(
  subject: Subject,
  live: readonly Claim[],
  failure: DueAlert,
  { now, repeatMs = DAY_MS }: Repeat,
): DueAlert | undefined {
  if (!isProblemReported(subject)) return failure;
  if (live.some(({ key }) => key === failure.key)) return undefined;
  const unconfirmed = subject.claims.some(({ key, reminder }) => key === failure.key && !reminder);
  const isNewFault = !subject.faults.includes(failure.key.slice('bad:'.length));
  if (unconfirmed && isNewFault) return failure;
  const isSending = live.some(({ direction }) => direction === 'bad');
  // The run that should have reported the problem is gone.
  if (!subject.open && !isSending) return failure;
  if (isNewFault && countRecent(subject, 'bad') < MOST_FAULTS) return failure;
  return !isSending && isPast(subject.lastTold, remindAfter(repeatMs), now)
    ? { ...failure, reminder: true }
    : undefined;
}

/** Whether the recipients know of a problem, or will once every claimed alert has arrived. */
function isProblemReported({ open, settledSeq, claims }: Subject): boolean {
  const latest = claims
    .filter(({ direction }) => direction !== 'event')
    .sort((a, b) => a.seq - b.seq)
    .at(-1);
  return latest && latest.seq >= settledSeq ? latest.direction === 'bad' : open;
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
  const passed = now.getTime() - ms(iso);
  return Number.isNaN(passed) || passed >= age || passed < -SKEW;
}

/** In the form that the memory stores; a time that cannot be parsed counts as now. */
function momentOf(iso: string, now: Date): string {
  return (Number.isNaN(ms(iso)) ? now : new Date(iso)).toISOString();
}

function shortened(note: Note): Note {
  return Object.fromEntries(
    Object.entries(note).map(([key, value]) => [key.slice(0, 40), value.slice(0, 500)]),
  );
}
