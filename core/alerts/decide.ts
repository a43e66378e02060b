import { NEW_SUBJECT, type Note, type NotificationMemory, type SubjectMemory } from './memory.ts';
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
//      ends. The compare-and-swap of the state object lets one run win.
//   2. The run that won sends the alert, or `hold` leaves it to the next digest.
//   3. `confirm` replaces the claim by a record of the delivery if any channel took the message,
//      leaves a claim for the channels that did not, and ends the lease at once if none did.
// A run that crashes after step 1 leaves a claim whose lease ends; the next `decide`, which the
// watch calls every hour with nothing new to report, sends the alert in its place. A crash after
// step 2 sends the alert twice. That is at least once, on purpose: a second mail is a nuisance, a
// missing one is a loss.

/** One message to send. `subjects` has several when one success ends several problems. */
export type Alert = Omit<DueAlert, 'kind'> & {
  readonly subjects: readonly string[];
  /** As observed; `recovered` for good news. */
  readonly kind: string;
  /** It was held for a digest before, and is not held again. */
  readonly waited: boolean;
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
  const subjects: Record<string, SubjectMemory> = { ...memory.subjects };
  const alerts: Alert[] = [];
  const advance = (name: string, observation: Observation | undefined): void => {
    const before = subjects[name] ?? NEW_SUBJECT;
    const { subject, due } = step(before, observation, claimant);
    const waited = ({ key }: DueAlert) =>
      before.claims.some((claim) => claim.held && claim.key === key);
    subjects[name] = subject;
    alerts.push(...due.map((each) => alertOf(name, subject, each, waited(each))));
  };
  for (const observation of observations) advance(observation.subject, observation);
  for (const name of Object.keys(memory.subjects))
    if (!observations.some(({ subject }) => subject === name)) advance(name, undefined);
  const open = Object.entries(subjects).filter(([, subject]) => !isForgettable(subject));
  return {
    alerts: withOneRecovery(alerts),
    memory: { version: 1, subjects: Object.fromEntries(open) },
  };
}

function step(
  before: SubjectMemory,
  observation: Observation | undefined,
  claimant: Claimant,
): { subject: SubjectMemory; due: DueAlert[] } {
  const { now, runId, leaseMs } = claimant;
  const recent = { ...before, recent: lastDay(before.recent, now) };
  const ignored = observation === undefined || isOutdated(recent, observation, now);
  const subject = ignored ? recent : observe(recent, observation, now);
  const live = subject.claims.filter((claim) => isLive(claim, claimant));
  const observed = ignored ? undefined : alertDue(subject, live, observation, claimant);
  const first = observed ? [observed] : [];
  const due = [...first, ...expiredAlerts(subject, live, first, now)];
  const until = new Date(now.getTime() + leaseMs).toISOString();
  const claims = due.map(({ key, direction, kind, reminder, at, note, channels }) => ({
    key,
    direction,
    kind,
    reminder,
    at,
    note,
    by: runId,
    until,
    seq: subject.seq,
    ...(channels ? { channels } : {}),
  }));
  return { subject: { ...subject, claims: [...live, ...claims].slice(-20) }, due };
}

function alertOf(
  name: string,
  subject: SubjectMemory,
  { key, direction, kind, reminder, at, note, channels }: DueAlert,
  waited: boolean,
): Alert {
  return {
    key,
    direction,
    kind,
    reminder,
    at,
    note,
    channels,
    waited,
    flapping: countRecent(subject, 'good') >= MOST_RECOVERIES,
    subjects: [name],
    since: subject.since,
    trouble: subject.trouble,
    seqs: [subject.seq],
  };
}

function isForgettable(subject: SubjectMemory): boolean {
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
  const groups = Map.groupBy(recoveries, ({ channels }) => JSON.stringify(channels));
  return [
    ...alerts.filter(({ direction }) => direction !== 'good'),
    ...[...groups.values()].flatMap(mergedRecovery),
  ];
}

function mergedRecovery(recoveries: readonly Alert[]): Alert[] {
  const [first] = recoveries;
  if (!first) return [];
  const since = recoveries.map((each) => each.since).filter((each) => each !== null);
  return [
    {
      ...first,
      since: since.sort()[0] ?? null,
      waited: recoveries.some(({ waited }) => waited),
      subjects: recoveries.flatMap(({ subjects }) => subjects),
      seqs: recoveries.flatMap(({ seqs }) => seqs),
    },
  ];
}
