import { NEW_SUBJECT, type Claim, type Memory, type Note, type Subject } from './memory.ts';
import {
  count,
  isLive,
  isOldNews,
  leftOver,
  MOST_RECOVERIES,
  observe,
  within,
  wishOf,
  type Claimant,
  type Observation,
  type Wish,
} from './rules.ts';

// What is told when, so that ten retries, a redelivery and two runs at once send one message, and no failure is ever silent.
//
// Sending and remembering are two acts, and a process can die between them. Remembering first would lose the message: nobody hears of the
// failure. Sending first would send it twice whenever two runs see the same thing. So it is done in three steps:
//   1. `decide` puts a claim into the memory: this run is about to tell this, for so long. The compare-and-swap decides who may.
//   2. Whoever won sends.
//   3. `settle` replaces the claim by "told" if the message arrived anywhere, and otherwise lets the claim run out at once.
// Who dies after 1 leaves a claim that runs out; the next `decide` (the watch calls it every hour, with nothing new to say) tells in its place.
// Who dies after 2 causes the same message once more. That is at least once, on purpose: a second mail is a nuisance, a missing one is the loss.

/** One message to send. `subjects` has several when one success ends several troubles. */
export type Alert = {
  readonly subjects: readonly string[];
  readonly key: string;
  readonly direction: 'bad' | 'good' | 'event';
  /** As observed; `recovered` for good news. */
  readonly kind: string;
  /** Told before and not over: `still-failing`. */
  readonly reminder: boolean;
  /** It has recovered so often within a day that its next recovery will not be told. */
  readonly flapping: boolean;
  readonly at: string;
  readonly since: string | null;
  readonly note: Note;
  /** Of the failure that was seen last: what a recovery recovers from. */
  readonly trouble: Note | null;
  /** Per subject: the count at which it was decided. */
  readonly seqs: readonly number[];
};

export type Decision = { readonly tell: readonly Alert[]; readonly memory: Memory };

/**
 * What to tell now, and the memory with the claims for it. Send only after the memory was swapped in; when the swap fails, read again and
 * decide again. Without observations it tells what was claimed and never confirmed.
 */
export function decide(
  memory: Memory,
  observations: readonly Observation[],
  claimant: Claimant,
): Decision {
  const subjects: Record<string, Subject> = { ...memory.subjects };
  const tell: Alert[] = [];
  const take = (name: string, observation: Observation | undefined): void => {
    const { subject, wishes } = step(subjects[name] ?? NEW_SUBJECT, observation, claimant);
    subjects[name] = subject;
    const flapping = count(subject, 'good') >= MOST_RECOVERIES;
    for (const { key, direction, kind, reminder, at, note } of wishes)
      tell.push({
        key,
        direction,
        kind,
        reminder,
        at,
        note,
        flapping,
        ...ofSubject(name, subject),
      });
  };
  for (const observation of observations) take(observation.subject, observation);
  for (const name of Object.keys(memory.subjects))
    if (!observations.some(({ subject }) => subject === name)) take(name, undefined);
  const kept = Object.entries(subjects).filter(([, subject]) => !isForgettable(subject));
  return { tell: merged(tell), memory: { version: 1, subjects: Object.fromEntries(kept) } };
}

/** What became of a message: `delivered` when any channel took it. Not delivered, it is told again by the next `decide`. */
export function settle(
  memory: Memory,
  telling: Alert,
  delivered: boolean,
  { now, by }: Pick<Claimant, 'now' | 'by'>,
): Memory {
  const subjects: Record<string, Subject> = { ...memory.subjects };
  telling.subjects.forEach((name, n) => {
    const subject = subjects[name] ?? NEW_SUBJECT;
    const isMine = (claim: Claim): boolean => claim.key === telling.key && claim.by === by;
    const ended = new Date(now.getTime() - 1).toISOString();
    subjects[name] = delivered
      ? settled(
          { ...subject, claims: subject.claims.filter((claim) => !isMine(claim)) },
          telling,
          telling.seqs[n] ?? subject.seq,
          now,
        )
      : {
          ...subject,
          claims: subject.claims.map((claim) =>
            isMine(claim) ? { ...claim, until: ended } : claim,
          ),
        };
  });
  return { version: 1, subjects };
}

function step(
  known: Subject,
  observation: Observation | undefined,
  claimant: Claimant,
): { subject: Subject; wishes: Wish[] } {
  const { now, by, leaseMs } = claimant;
  const fresh = { ...known, recent: within(known.recent, now) };
  const ignored = observation === undefined || isOldNews(fresh, observation, now);
  const subject = ignored ? fresh : observe(fresh, observation, now);
  const live = subject.claims.filter((claim) => isLive(claim, claimant));
  const wish = ignored ? undefined : wishOf(subject, live, observation, claimant);
  const wishes = [...(wish ? [wish] : []), ...leftOver(subject, live, wish ? [wish] : [])];
  const until = new Date(now.getTime() + leaseMs).toISOString();
  const claims = wishes.map(({ key, direction, kind, reminder, at, note }) => ({
    key,
    direction,
    kind,
    reminder,
    at,
    note,
    by,
    until,
    seq: subject.seq,
  }));
  return { subject: { ...subject, claims: [...live, ...claims].slice(-20) }, wishes };
}

function ofSubject(name: string, { since, trouble, seq }: Subject) {
  return {
    subjects: [name],
    since,
    trouble,
    seqs: [seq],
  };
}

function isForgettable(subject: Subject): boolean {
  return (
    !subject.open &&
    subject.last === 'good' &&
    subject.claims.length + subject.recent.length + subject.occurrences.length === 0
  );
}

/** One message for every trouble that ended by the same success; anything else is a message of its own. */
function merged(tellings: readonly Alert[]): Alert[] {
  const good = tellings.filter(({ direction }) => direction === 'good');
  const [first] = good;
  if (!first || good.length === 1) return [...tellings];
  const since =
    good
      .map((each) => each.since)
      .filter((each) => each !== null)
      .sort()[0] ?? null;
  const one = {
    ...first,
    since,
    subjects: good.flatMap(({ subjects }) => subjects),
    seqs: good.flatMap(({ seqs }) => seqs),
  };
  return [...tellings.filter(({ direction }) => direction !== 'good'), one];
}

function settled(
  subject: Subject,
  { direction, key, reminder }: Alert,
  seq: number,
  now: Date,
): Subject {
  const at = now.toISOString();
  const recent = [...within(subject.recent, now), { at, direction, reminder }].slice(-60);
  if (direction === 'event')
    return {
      ...subject,
      recent,
      occurrences: [...subject.occurrences, key.slice('event:'.length)].slice(-50),
    };
  // Overtaken by newer news that arrived before it.
  if (seq < subject.settledSeq) return { ...subject, recent };
  // A memory that was lost in between counts on from here.
  const counted = { ...subject, recent, settledSeq: seq, seq: Math.max(subject.seq, seq) };
  if (direction === 'good') return { ...counted, open: false, faults: [], lastTold: null };
  const fault = key.slice('bad:'.length);
  const faults = [...subject.faults.filter((each) => each !== fault), fault].slice(-20);
  return { ...counted, open: true, faults, lastTold: at };
}
