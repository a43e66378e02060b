import type { Alert } from './decide.ts';
import { NEW_SUBJECT, type Claim, type NotificationMemory, type SubjectMemory } from './memory.ts';
import { HOLD_MS, lastDay, type Claimant } from './rules.ts';

// What becomes of a claim: it is held for a digest, or confirmed after an attempt to send.
// `decide.ts` explains the order.

type Confirming = Pick<Claimant, 'now' | 'runId'>;

/** The memory after a run has left an alert to the next digest. */
export function hold(
  memory: NotificationMemory,
  alert: Alert,
  { now, runId }: Confirming,
): NotificationMemory {
  const until = new Date(now.getTime() + HOLD_MS).toISOString();
  return changed(memory, alert, (subject) =>
    withClaims(subject, (claim) =>
      isOwn(claim, alert, runId) ? { ...claim, until, held: true } : claim,
    ),
  );
}

export type Attempt = {
  readonly alert: Alert;
  /** At least one channel took it. */
  readonly delivered: boolean;
  /** The channels that did not take it, although it was meant for them. */
  readonly missing?: readonly string[];
};

/**
 * The memory after an attempt to send an alert. The next `decide` sends it again to the channels
 * that did not take it.
 */
export function confirm(
  memory: NotificationMemory,
  { alert, delivered, missing = [] }: Attempt,
  { now, runId }: Confirming,
): NotificationMemory {
  const leaseEnd = new Date(now.getTime() - 1).toISOString();
  return changed(memory, alert, (subject, seq) => {
    const own = subject.claims.filter((claim) => isOwn(claim, alert, runId));
    const others = subject.claims.filter((claim) => !own.includes(claim));
    const isFirst = alert.channels === undefined;
    if (isFirst && !delivered)
      return withClaims(subject, (claim) =>
        own.includes(claim) ? { ...claim, until: leaseEnd } : claim,
      );
    const owed =
      missing.length === 0
        ? []
        : own.map((claim) => ({ ...claim, until: leaseEnd, channels: [...missing] }));
    if (!isFirst) return { ...subject, claims: [...others, ...owed] };
    const current = others.filter((claim) => !isReplaced(claim, alert, seq));
    return withDelivery({ ...subject, claims: [...current, ...owed] }, alert, seq, now);
  });
}

/** Whether a waiting claim is old news once a newer alert about the same subject has arrived. */
function isReplaced(claim: Claim, { direction }: Alert, seq: number): boolean {
  const waits = claim.held === true || claim.channels !== undefined;
  return waits && direction !== 'event' && claim.direction !== 'event' && claim.seq <= seq;
}

function isOwn(claim: Claim, alert: Alert, runId: string): boolean {
  return claim.key === alert.key && claim.by === runId;
}

/** The memory with each subject of an alert changed; `seq` is that of the decision. */
function changed(
  memory: NotificationMemory,
  alert: Alert,
  change: (subject: SubjectMemory, seq: number) => SubjectMemory,
): NotificationMemory {
  const subjects: Record<string, SubjectMemory> = { ...memory.subjects };
  alert.subjects.forEach((name, n) => {
    const subject = subjects[name] ?? NEW_SUBJECT;
    subjects[name] = change(subject, alert.seqs[n] ?? subject.seq);
  });
  return { version: 1, subjects };
}

function withClaims(subject: SubjectMemory, change: (claim: Claim) => Claim): SubjectMemory {
  return { ...subject, claims: subject.claims.map(change) };
}

function withDelivery(
  subject: SubjectMemory,
  { direction, key, reminder }: Alert,
  seq: number,
  now: Date,
): SubjectMemory {
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
