import type { Claim, Note, Subject } from './memory.ts';

// The rules for one subject: what somebody should hear, given what is believed, what is on its way and what has just happened.

export type Observation = {
  /** What it is about: `backup`, `late`, `copy:<store>`, `space`, `watch:<check>`, `restore-test`. */
  readonly subject: string;
  /** When it happened, ISO 8601. */
  readonly at: string;
  readonly note: Note;
} & (
  | { readonly state: 'good' }
  /** `kind` is that of the notification; `fault` names what is wrong, such as `snapshot/source_busy`: another one is told at once. */
  | { readonly state: 'bad'; readonly kind: string; readonly fault: string }
  /** Something that is told once and has no end, such as the result of one restore test. */
  | { readonly state: 'event'; readonly kind: string; readonly occurrence: string }
);

export type Claimant = {
  readonly now: Date;
  /** Names this run. */ readonly by: string;
  /** Longer than sending can take. */ readonly leaseMs: number;
  /** After how long trouble that lasts is told again; a day when absent. */ readonly repeatMs?: number;
};

const DAY = 86_400_000;
// Clocks of machines differ; a moment further ahead than this comes from a clock that was wrong and has been put right.
const SKEW = 300_000;
export const MOST_RECOVERIES = 3;
export const MOST_FAULTS = 6;

type Repeating = Pick<Claimant, 'now' | 'repeatMs'>;
export type Wish = Pick<Claim, 'key' | 'direction' | 'kind' | 'reminder' | 'at' | 'note'>;

export function isLive({ until }: Claim, { now, leaseMs }: Claimant): boolean {
  return ms(until) > now.getTime() && ms(until) <= now.getTime() + leaseMs + SKEW;
}

export function within(recent: Subject['recent'], now: Date): Subject['recent'] {
  return recent.filter(({ at }) => !isPast(at, DAY, now)).slice(-60);
}

export function count({ recent }: Subject, direction: 'bad' | 'good'): number {
  return recent.filter((each) => each.direction === direction && !each.reminder).length;
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

/** A success that ended before the last failure did is no recovery. */
export function isOldNews({ lastBad }: Subject, observation: Observation, now: Date): boolean {
  return (
    observation.state === 'good' &&
    lastBad !== null &&
    ms(observation.at) < ms(lastBad) &&
    ms(lastBad) <= now.getTime() + SKEW
  );
}

export function wishOf(
  subject: Subject,
  live: readonly Claim[],
  observation: Observation,
  claimant: Repeating,
): Wish | undefined {
  const { now } = claimant;
  const { at, note } = observation;
  const common = { at: momentOf(at, now), note: shortened(note), reminder: false };
  if (observation.state === 'good')
    return wishForGood(subject, live, {
      ...common,
      key: 'good',
      direction: 'good',
      kind: 'recovered',
    });
  if (observation.state === 'bad') {
    const fault = observation.fault.slice(0, 150);
    return wishForBad(
      subject,
      live,
      { ...common, key: `bad:${fault}`, direction: 'bad', kind: observation.kind },
      fault,
      claimant,
    );
  }
  const occurrence = observation.occurrence.slice(0, 150);
  const key = `event:${occurrence}`;
  const known = subject.occurrences.includes(occurrence) || live.some((each) => each.key === key);
  return known ? undefined : { ...common, key, direction: 'event', kind: observation.kind };
}

/** What claims that ran out ask for: their messages were never confirmed. Bad and good news only while they are still true. */
export function leftOver(subject: Subject, live: readonly Claim[], taken: readonly Wish[]): Wish[] {
  const expired = subject.claims.filter(
    (claim) => !live.includes(claim) && !taken.some(({ key }) => key === claim.key),
  );
  const events = expired.filter(({ direction }) => direction === 'event');
  const newest = expired.filter(({ direction }) => direction === subject.last).at(-1);
  return [
    ...events,
    ...(newest && !taken.some(({ direction }) => direction !== 'event') ? [newest] : []),
  ];
}

function ms(iso: string | null): number {
  return iso === null ? Number.NaN : Date.parse(iso);
}

/** Whether it was so long ago, or is so far ahead that the clock must have gone back; then waiting for it could be waiting for ever. */
function isPast(iso: string | null, age: number, now: Date): boolean {
  const passed = now.getTime() - ms(iso);
  return Number.isNaN(passed) || passed >= age || passed < -SKEW;
}

/** As the memory writes it; what is no date happened now. */
function momentOf(iso: string, now: Date): string {
  return (Number.isNaN(ms(iso)) ? now : new Date(iso)).toISOString();
}

function shortened(note: Note): Note {
  return Object.fromEntries(
    Object.entries(note).map(([key, value]) => [key.slice(0, 40), value.slice(0, 500)]),
  );
}

function wishForGood(subject: Subject, live: readonly Claim[], good: Wish): Wish | undefined {
  const retry =
    subject.claims.some(({ direction }) => direction === 'good') &&
    !live.some(({ direction }) => direction === 'good');
  if (!retry && !believesTrouble(subject)) return undefined;
  // Kept back, the trouble stays open, so that the next failure is part of it; once the day is quiet the recovery is told after all.
  return count(subject, 'good') < MOST_RECOVERIES ? good : undefined;
}

/** What the person believes, or will once everything on its way has arrived. */
function believesTrouble({ open, settledSeq, claims }: Subject): boolean {
  const latest = claims
    .filter(({ direction }) => direction !== 'event')
    .sort((a, b) => a.seq - b.seq)
    .at(-1);
  return latest && latest.seq >= settledSeq ? latest.direction === 'bad' : open;
}

function wishForBad(
  subject: Subject,
  live: readonly Claim[],
  bad: Wish,
  fault: string,
  { now, repeatMs = DAY }: Repeating,
): Wish | undefined {
  if (!believesTrouble(subject)) return bad;
  const expired = subject.claims.some(
    ({ key, reminder }) => key === bad.key && !reminder && !live.some((each) => each.key === key),
  );
  const onItsWay = live.some(({ key }) => key === bad.key);
  if (onItsWay) return undefined;
  if (expired && !subject.faults.includes(fault)) return bad;
  // Nobody has heard of the trouble yet: whoever should have told it is gone.
  if (!subject.open && !live.some(({ direction }) => direction === 'bad')) return bad;
  if (!subject.faults.includes(fault) && count(subject, 'bad') < MOST_FAULTS) return bad;
  const reminding = live.some(({ direction }) => direction === 'bad');
  return !reminding && isPast(subject.lastTold, remindAfter(repeatMs), now)
    ? { ...bad, reminder: true }
    : undefined;
}

// A little less than what was asked for: a daily run that starts a little earlier than yesterday still reminds.
function remindAfter(repeatMs: number): number {
  return repeatMs - Math.min(3_600_000, repeatMs / 10);
}
