import {
  CONDITIONS,
  type Condition,
  type DatabaseStatus,
  type Reason,
} from '../documents/status.ts';
import type { NextBackup } from '../schedule/jobs.ts';

/** The facts that decide about a database's condition. */
export type ConditionFacts = {
  /** Whether the configuration names others, and not this one. */
  readonly foreign: boolean;
  /** The newest backup that counts. */
  readonly newest: { readonly takenAt: string; readonly verdict: string } | undefined;
  /** A newer backup than `newest` is damaged. */
  readonly damaged?: boolean;
  /** The time of a backup lies in the future. */
  readonly future?: boolean;
  readonly fresh: boolean;
  /** Oldest first. */
  readonly runs: readonly {
    readonly operation: string;
    readonly ok: boolean;
    readonly endedAt: string;
  }[];
  readonly restoreTest: { readonly ok: boolean } | null;
  /** Of what is planned. */
  readonly restoreTestOverdue: boolean;
  readonly schedule: NextBackup['schedule'];
};

// The worst first: the order in which reasons are shown.
const MEANS: Readonly<Record<Reason, Condition>> = {
  'backup-failed': 'failing',
  'restore-test-failed': 'failing',
  'backup-damaged': 'failing',
  missing: 'missing',
  late: 'late',
  inconclusive: 'attention',
  'backup-from-future': 'attention',
  'restore-test-overdue': 'attention',
  'schedule-paused': 'attention',
  'schedule-unknown': 'attention',
  'not-configured': 'attention',
};

/** Why a database is not `good`; empty when it is, the worst first. */
export function reasonsOf(facts: ConditionFacts): Reason[] {
  const { foreign, newest, fresh, restoreTest } = facts;
  const holds: Readonly<Record<Reason, boolean>> = {
    'backup-failed': backupFails(facts),
    'restore-test-failed': restoreTest?.ok === false,
    'backup-damaged': facts.damaged === true,
    missing: !newest,
    late: newest !== undefined && !fresh,
    inconclusive: newest?.verdict === 'inconclusive',
    'backup-from-future': facts.future === true,
    'restore-test-overdue': restoreTest?.ok !== false && facts.restoreTestOverdue,
    'schedule-paused': facts.schedule === 'paused',
    'schedule-unknown': facts.schedule === 'unknown',
    'not-configured': foreign,
  };
  return (Object.keys(MEANS) as Reason[]).filter((reason) => holds[reason]);
}

export function worstOf(conditions: readonly Condition[]): Condition {
  return CONDITIONS[Math.max(0, ...conditions.map((each) => CONDITIONS.indexOf(each)))] ?? 'good';
}

export function conditionOf(reasons: readonly Reason[]): Condition {
  return worstOf(reasons.map((reason) => MEANS[reason]));
}

/** For showing: the worst first, and by name among equals. */
export function worstFirst<T extends Pick<DatabaseStatus, 'name' | 'condition'>>(
  databases: readonly T[],
): T[] {
  return [...databases].sort(
    (a, b) =>
      CONDITIONS.indexOf(b.condition) - CONDITIONS.indexOf(a.condition) ||
      (a.name < b.name ? -1 : Number(a.name > b.name)),
  );
}

/**
 * The last backup failed, and nothing was backed up since: neither by a run nor, where its record
 * was lost, by what the catalog shows.
 */
function backupFails({ runs, newest }: ConditionFacts): boolean {
  const last = runs.findLast(({ operation }) => operation === 'backup');
  return last !== undefined && !last.ok && !(newest && newest.takenAt > last.endedAt);
}
