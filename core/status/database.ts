import type { Config } from '../config/load.ts';
import { conditionOf, reasonsOf } from './condition.ts';
import { lastScheduled } from './scheduled.ts';
import { freshness, restoreTestOverdue, type RunningBackup } from '../schedule/freshness.ts';
import type { DatabaseDetail, DatabaseStatus } from '../documents/status.ts';
import { countsAt } from '../catalog/document.ts';
import { isFuture } from '../catalog/soundness.ts';
import { MOST_RUNS, type State } from '../state/state.ts';
import { tableRowsOf } from '../state/summary.ts';
import { nextBackup, type KnownJob } from '../schedule/jobs.ts';

/** What the status of a database is computed from, besides the configuration and the time. */
export type DatabaseFacts = {
  readonly name: string;
  /** Undefined when the store has nothing about it. */
  readonly state: State | undefined;
  readonly job: KnownJob;
  /** The backup in progress, where it matters. */
  readonly running?: RunningBackup | undefined;
};

export function databaseStatus(
  { name, state, job, running }: DatabaseFacts,
  config: Config,
  now: Date,
): DatabaseStatus {
  const { backups = [], runs = [], lastFailure = null, lastRestoreTest = null } = state ?? {};
  const databaseConfig = config.databases[name];
  const { schedule, timeZone = 'UTC' } = databaseConfig ?? {};
  const newest = backups.find((each) => countsAt(each, now));
  const oldest = backups.at(-1);
  // Newer than the newest that counts.
  const discounted = backups.slice(0, newest ? backups.indexOf(newest) : undefined);
  const { next: byCron, fresh } = freshness(
    { schedule, timeZone, graceMs: config.watch.graceMs },
    newest && new Date(newest.takenAt),
    now,
    running,
  );
  const next = nextBackup(byCron, job);
  const untested =
    restoreTestOverdue({ ...config.restoreTest, last: lastRestoreTest }, oldest?.takenAt, now) !==
    undefined;
  const reasons = reasonsOf({
    // Without any configured database, backups are made by path, and nothing is missing from the
    // configuration.
    foreign: !databaseConfig && Object.keys(config.databases).length > 0,
    newest,
    damaged: discounted.some(({ fault }) => fault?.level === 'damaged'),
    future: backups.some(({ takenAt }) => isFuture(takenAt, now)),
    fresh,
    runs,
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
    lastScheduled: lastScheduled(runs, backups),
    fresh,
    backups: backups.length,
    storedBytes: backups.reduce((sum, { storedBytes }) => sum + storedBytes, 0),
    oldestBackup: oldest?.takenAt ?? null,
    keptUntil: backups.reduce<string | null>(
      (latest, { expires }) => (latest !== null && latest > expires ? latest : expires),
      null,
    ),
    runs: runs.slice(-MOST_RUNS),
  };
}

export function databaseDetail(facts: DatabaseFacts, config: Config, now: Date): DatabaseDetail {
  const { backups = [], rows, newest } = facts.state ?? {};
  const status = databaseStatus(facts, config, now);
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
