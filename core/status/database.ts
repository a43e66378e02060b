import type { Config } from '../config/load.ts';
import { conditionOf, reasonsOf } from './condition.ts';
import { freshness, restoreTestOverdue, type RunningBackup } from '../schedule/freshness.ts';
import type { DatabaseDetail, DatabaseStatus } from '../documents/status.ts';
import type { RunRecord } from '../documents/run.ts';
import { countsAt } from '../catalog/document.ts';
import { isFuture } from '../catalog/soundness.ts';
import { EMPTY_FACTS, summaryFacts, type SummaryFacts } from '../state/facts.ts';
import { MOST_RUNS, type State } from '../state/state.ts';
import { tableRowsOf } from '../state/summary.ts';
import { nextBackup, type KnownJob } from '../schedule/jobs.ts';

/** What the status of a database is computed from, besides the configuration and the time. */
export type DatabaseFacts = {
  readonly name: string;
  /** Undefined when the store has nothing about it. */
  readonly facts: SummaryFacts | undefined;
  /** Oldest first; none where the caller does not need them. */
  readonly runs: readonly RunRecord[];
  readonly job: KnownJob;
  /** The backup in progress, where it matters. */
  readonly running?: RunningBackup | undefined;
};

export type DetailFacts = Omit<DatabaseFacts, 'facts' | 'runs'> & {
  /** Undefined when the store has nothing about it. */
  readonly state: State | undefined;
};

export function databaseStatus(
  { name, facts = EMPTY_FACTS, runs, job, running }: DatabaseFacts,
  config: Config,
  now: Date,
): DatabaseStatus {
  const { backups, lastBackupRun, lastFailure, lastRestoreTest } = facts;
  const databaseConfig = config.databases[name];
  const { schedule, timeZone = 'UTC' } = databaseConfig ?? {};
  const newest = backups.find((each) => countsAt(each, now));
  // Newer than the newest that counts.
  const discounted = backups.slice(0, newest ? backups.indexOf(newest) : undefined);
  const { next: byCron, fresh } = freshness(
    { schedule, timeZone, graceMs: config.watch.graceMs },
    newest && new Date(newest.takenAt),
    now,
    running,
  );
  const next = nextBackup(byCron, job);
  const oldest = facts.oldestTakenAt ?? undefined;
  const untested =
    restoreTestOverdue({ ...config.restoreTest, last: lastRestoreTest }, oldest, now) !== undefined;
  const reasons = reasonsOf({
    // Without any configured database, backups are made by path, and nothing is missing from the
    // configuration.
    foreign: !databaseConfig && Object.keys(config.databases).length > 0,
    newest,
    damaged: discounted.some(({ fault }) => fault?.level === 'damaged'),
    future: facts.latestTakenAt !== null && isFuture(facts.latestTakenAt, now),
    fresh,
    runs: lastBackupRun ? [lastBackupRun] : [],
    restoreTest: lastRestoreTest,
    restoreTestOverdue: databaseConfig !== undefined && untested,
    schedule: next.schedule,
  });
  return {
    name,
    condition: conditionOf(reasons),
    reasons,
    lastBackup: newest ?? null,
    lastFailure,
    lastRestoreTest,
    nextBackup: next.at,
    nextFrom: next.from,
    runsIn:
      schedule === undefined || job === 'no-deployment' ? null : (databaseConfig?.run ?? null),
    lastScheduled: facts.lastScheduled,
    fresh,
    backups: facts.count,
    storedBytes: facts.storedBytes,
    oldestBackup: facts.oldestTakenAt,
    keptUntil: facts.keptUntil,
    lastBackupMs: facts.lastBackupMs,
    failedRuns: facts.failedRuns,
    runs: runs.slice(-MOST_RUNS),
  };
}

export function databaseDetail(
  { state, ...subject }: DetailFacts,
  config: Config,
  now: Date,
): DatabaseDetail {
  const { backups = [], runs = [], rows, newest } = state ?? {};
  const facts = state && summaryFacts(state);
  const status = databaseStatus({ ...subject, facts, runs }, config, now);
  return {
    ...status,
    history: backups.map((backup) => ({
      ...backup,
      // Summaries of older versions lack it.
      fault: backup.fault ?? null,
      rows: tableRowsOf(rows, backup.id),
    })),
    // An older version of Lifeboat brings the list up to date and leaves this as it was.
    manifest: newest && newest.id === status.lastBackup?.id ? newest : null,
  };
}
