import { countsAt } from '../catalog/document.ts';
import type { BackupDocument } from '../documents/backup.ts';
import type { RestoreTestSummary, RunFailure, RunRecord } from '../documents/run.ts';
import type { FailedRuns } from '../documents/status.ts';
import { lastScheduled } from './last-scheduled.ts';
import { longestBackupMs } from './running-backup.ts';
import { MOST_RUNS, type State } from './state.ts';

/**
 * What the status of a database is computed from at any moment, apart from its configuration and
 * the list of its runs. Nothing in it depends on the time, so it stays true as long as the summary.
 */
export type SummaryFacts = {
  /** Newest first; all of them, or what `withoutOlderBackups` left. */
  readonly backups: readonly BackupDocument[];
  /** How many backups the summary has. */
  readonly count: number;
  readonly storedBytes: number;
  /** When the last backup of the list was taken. */
  readonly oldestTakenAt: string | null;
  /** The latest time of all backups: one may come from a wrong clock. */
  readonly latestTakenAt: string | null;
  readonly keptUntil: string | null;
  readonly lastScheduled: string | null;
  readonly lastBackupRun: Pick<RunRecord, 'operation' | 'ok' | 'endedAt'> | null;
  /** How long the last successful backup took. */
  readonly lastBackupMs: number | null;
  readonly longestBackupMs: number;
  readonly failedRuns: FailedRuns;
  readonly lastFailure: RunFailure | null;
  readonly lastRestoreTest: RestoreTestSummary | null;
};

/** Nobody checks that a stored summary has the last two. */
type FactSources = Pick<State, 'backups' | 'runs'> &
  Partial<Pick<State, 'lastFailure' | 'lastRestoreTest'>>;

/** Of a database about which the store has nothing. */
export const EMPTY_FACTS: SummaryFacts = {
  backups: [],
  count: 0,
  storedBytes: 0,
  oldestTakenAt: null,
  latestTakenAt: null,
  keptUntil: null,
  lastScheduled: null,
  lastBackupRun: null,
  lastBackupMs: null,
  longestBackupMs: 0,
  failedRuns: { backup: 0, 'restore-test': 0 },
  lastFailure: null,
  lastRestoreTest: null,
};

export function summaryFacts({
  backups,
  runs,
  lastFailure = null,
  lastRestoreTest = null,
}: FactSources): SummaryFacts {
  const recent = runs.slice(-MOST_RUNS);
  const failures = (operation: string): number =>
    recent.filter((run) => run.operation === operation && !run.ok).length;
  const lastRun = runs.findLast(({ operation }) => operation === 'backup');
  const lastSuccess = recent.findLast(({ operation, ok }) => operation === 'backup' && ok);
  return {
    backups,
    count: backups.length,
    storedBytes: backups.reduce((sum, { storedBytes }) => sum + storedBytes, 0),
    oldestTakenAt: backups.at(-1)?.takenAt ?? null,
    latestTakenAt: latestOf(backups.map(({ takenAt }) => takenAt)),
    keptUntil: backups.reduce<string | null>(
      (latest, { expires }) => (latest !== null && latest > expires ? latest : expires),
      null,
    ),
    lastScheduled: lastScheduled(runs, backups),
    lastBackupRun: lastRun
      ? { operation: lastRun.operation, ok: lastRun.ok, endedAt: lastRun.endedAt }
      : null,
    lastBackupMs: lastSuccess?.durationMs ?? null,
    longestBackupMs: longestBackupMs(runs),
    failedRuns: { backup: failures('backup'), 'restore-test': failures('restore-test') },
    lastFailure,
    lastRestoreTest,
  };
}

/**
 * The facts without the backups behind the first one that counts now, which are most of a summary.
 * At another moment they may lack the backup that counts then: `areEnoughAt` checks that.
 */
export function withoutOlderBackups(facts: SummaryFacts, now: Date): SummaryFacts {
  const newest = facts.backups.findIndex((each) => countsAt(each, now));
  return newest === -1 ? facts : { ...facts, backups: facts.backups.slice(0, newest + 1) };
}

/** Whether the newest backup that counts at this moment is among the backups of the facts. */
export function areEnoughAt({ backups, count }: SummaryFacts, now: Date): boolean {
  return backups.length === count || backups.some((each) => countsAt(each, now));
}

function latestOf(times: readonly string[]): string | null {
  return times.reduce<string | null>(
    (latest, time) => (latest !== null && Date.parse(latest) >= Date.parse(time) ? latest : time),
    null,
  );
}
