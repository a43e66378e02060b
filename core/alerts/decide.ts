import {
  NEW_SUBJECT,
  type Claim,
  type Note,
  type NotificationMemory,
  type Subject,
} from './memory.ts';
import {
  alertDue,
  countRecent,
  expiredAlerts,
  isLive,
  isOutdated,
  lastDay,
  MOST_RECOVERIES,
  observe,
  type Claimant,
  type DueAlert,
  type Observation,
} from './rules.ts';

// When to send an alert, so that ten retries, a second delivery and two runs at once send one
// message, and no failure stays silent.
//
// Sending and recording are two steps, and a process can crash between them. Recording first would
// lose the message. Sending first would send it twice whenever two runs observe the same thing.
// Hence three steps:
//   1. `decide` adds a claim to the memory: this run is about to send this alert, until its lease
//      ends. The
//      compare-and-swap of the state object lets one run win.
//   2. The run that won sends the alert.
//   3. `confirm` replaces the claim by a record of the delivery if any channel took the message,
//      and ends the
//      lease at once if none did.
// A run that crashes after step 1 leaves a claim whose lease ends; the next `decide`, which the
// watch calls every hour with nothing new to report, sends the alert in its place. A crash after
// step 2 sends the alert twice. That is at least once, on purpose: a second mail is a nuisance, a
// missing one is a loss.

/** One message to send. `subjects` has several when one success ends several problems. */
export type Alert = Pick<DueAlert, 'key' | 'direction' | 'reminder' | 'at' | 'note'> & {
  readonly subjects: readonly string[];
  /** As observed; `recovered` for good news. */
  readonly kind: string;
  /** It recovered so often within a day that its next recovery will not be reported. */
  readonly flapping: boolean;
  readonly since: string | null;
  /** The failure as last observed: what a recovery recovers from. */
  readonly trouble: Note | null;
  /** For each subject the `seq` at which this was decided. */
  readonly seqs: readonly number[];
};

export type Decision = { readonly alerts: readonly Alert[]; readonly memory: NotificationMemory };

/**
 * The alerts to send now, and the memory with the claims for them. Send only after the memory was
 * swapped in; if the swap fails, read and decide again. Without observations, the alerts are those
 * that were claimed and never confirmed.
 */
export function decide(
  memory: NotificationMemory,
  observations: readonly Observation[],
  claimant: Claimant,
): Decision {
  const subjects: Record<string, Subject> = { ...memory.subjects };
  const alerts: Alert[] = [];
  const advance = (name: string, observation: Observation | undefined): void => {
    const { subject, due } = step(subjects[name] ?? NEW_SUBJECT, observation, claimant);
    subjects[name] = subject;
    alerts.push(...due.map((each) => alertOf(name, subject, each)));
  };
  for (const observation of observations) advance(observation.subject, observation);
  for (const name of Object.keys(memory.subjects))
    if (!observations.some(({ subject }) => subject === name)) advance(name, undefined);
  const remembered = Object.entries(subjects).filter(([, subject]) => !isForgettable(subject));
  return {
    alerts: withOneRecovery(alerts),
    memory: { version: 1, subjects: Object.fromEntries(remembered) },
  };
}

/**
 * The memory after an attempt to send an alert. If no channel took it, the next `decide` sends it
 * again.
 */
export function confirm(
  memory: NotificationMemory,
  { alert, delivered }: { alert: Alert; delivered: boolean },
  { now, runId }: Pick<Claimant, 'now' | 'runId'>,
): NotificationMemory {
  const isOwn = (claim: Claim): boolean => claim.key === alert.key && claim.by === runId;
  const subjects: Record<string, Subject> = { ...memory.subjects };
  alert.subjects.forEach((name, n) => {
    const subject = subjects[name] ?? NEW_SUBJECT;
    const seq = alert.seqs[n] ?? subject.seq;
    subjects[name] = delivered
      ? withDelivery(withoutClaims(subject, isOwn), alert, seq, now)
      : withEndedLeases(subject, isOwn, now);
  });
  return { version: 1, subjects };
}

function step(
  before: Subject,
  observation: Observation | undefined,
  claimant: Claimant,
): { subject: Subject; due: DueAlert[] } {
  const { now, runId, leaseMs } = claimant;
  const recent = { ...before, recent: lastDay(before.recent, now) };
  const ignored = observation === undefined || isOutdated(recent, observation, now);
  const subject = ignored ? recent : observe(recent, observation, now);
  const live = subject.claims.filter((claim) => isLive(claim, claimant));
  const observed = ignored ? undefined : alertDue(subject, live, observation, claimant);
  const first = observed ? [observed] : [];
  const due = [...first, ...expiredAlerts(subject, live, first)];
  const until = new Date(now.getTime() + leaseMs).toISOString();
  const claims = due.map(({ key, direction, kind, reminder, at, note }) => ({
    key,
    direction,
    kind,
    reminder,
    at,
    note,
    by: runId,
    until,
    seq: subject.seq,
  }));
  return { subject: { ...subject, claims: [...live, ...claims].slice(-20) }, due };
}

function alertOf(
  name: string,
  subject: Subject,
  { key, direction, kind, reminder, at, note }: DueAlert,
): Alert {
  return {
    key,
    direction,
    kind,
    reminder,
    at,
    note,
    flapping: countRecent(subject, 'good') >= MOST_RECOVERIES,
    subjects: [name],
    since: subject.since,
    trouble: subject.trouble,
    seqs: [subject.seq],
  };
}

function isForgettable(subject: Subject): boolean {
  return (
    !subject.open &&
    subject.last === 'good' &&
    subject.claims.length + subject.recent.length + subject.occurrences.length === 0
  );
}

/**
 * One message for all problems that the same success ended; every other alert is a message of its
 * own.
 */
function withOneRecovery(alerts: readonly Alert[]): Alert[] {
  const recoveries = alerts.filter(({ direction }) => direction === 'good');
  const [first] = recoveries;
  if (!first || recoveries.length === 1) return [...alerts];
  const since = recoveries.map((each) => each.since).filter((each) => each !== null);
  const recovery = {
    ...first,
    since: since.sort()[0] ?? null,
    subjects: recoveries.flatMap(({ subjects }) => subjects),
    seqs: recoveries.flatMap(({ seqs }) => seqs),
  };
  return [...alerts.filter(({ direction }) => direction !== 'good'), recovery];
}

function withoutClaims(subject: Subject, isOwn: (claim: Claim) => boolean): Subject {
  return { ...subject, claims: subject.claims.filter((claim) => !isOwn(claim)) };
}

function withEndedLeases(subject: Subject, isOwn: (claim: Claim) => boolean, now: Date): Subject {
  const until = new Date(now.getTime() - 1).toISOString();
  return {
    ...subject,
    claims: subject.claims.map((claim) => (isOwn(claim) ? { ...claim, until } : claim)),
  };
}

function withDelivery(
  subject: Subject,
  { direction, key, reminder }: Alert,
  seq: number,
  now: Date,
): Subject {
  const at = now.toISOString();
  const recent = [...lastDay(subject.recent, now), { at, direction, reminder }].slice(-60);
  if (direction === 'event')
    return {
      ...subject,
      recent,
      occurrences: [...subject.occurrences, key.slice('event:'.length)].slice(-50),
    };
  // A newer alert arrived before this one.
  if (seq < subject.settledSeq) return { ...subject, recent };
  // If the memory was lost in between, counting goes on from here.
  const counted = { ...subject, recent, settledSeq: seq, seq: Math.max(subject.seq, seq) };
  if (direction === 'good') return { ...counted, open: false, faults: [], lastTold: null };
  const fault = key.slice('bad:'.length);
  const faults = [...subject.faults.filter((each) => each !== fault), fault].slice(-20);
  return { ...counted, open: true, faults, lastTold: at };
}
