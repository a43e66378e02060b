import type { Config } from '../config/load.ts';
import { conditionOf, reasonsOf } from './condition.ts';
import { freshness, restoreTestOverdue } from '../schedule/freshness.ts';
import type { DatabaseDetail, DatabaseStatus } from '../documents/status.ts';
import { MOST_RUNS, type State } from '../state/state.ts';
import { rowsOf } from '../state/summary.ts';
import { nextBackup, type JobFacts } from '../schedule/jobs.ts';

/**
 * What is known of a database. `job` is null when Cloud Scheduler has none for it, undefined when
 * nothing is known of its jobs.
 */
export type Known = {
  readonly name: string;
  readonly state: State | undefined;
  readonly job: JobFacts | null | undefined;
};

export function databaseStatus(
  { name, state, job }: Known,
  config: Config,
  now: Date,
): DatabaseStatus {
  const { backups = [], runs = [], lastFailure = null, lastRestoreTest = null } = state ?? {};
  const configured = config.databases[name];
  const { schedule, timeZone = 'UTC' } = configured ?? {};
  const [newest, oldest] = [backups[0], backups.at(-1)];
  const { next: byCron, fresh } = freshness(
    { schedule, timeZone, graceMs: config.watch.graceMs },
    newest && new Date(newest.takenAt),
    now,
  );
  const next = nextBackup(byCron, job);
  const untested =
    restoreTestOverdue({ ...config.restoreTest, last: lastRestoreTest }, oldest?.takenAt, now) !==
    undefined;
  const reasons = reasonsOf({
    // Without any configured database, backups are made by path, and nothing is missing from the
    // configuration.
    foreign: !configured && Object.keys(config.databases).length > 0,
    newest,
    fresh,
    runs,
    restoreTest: lastRestoreTest,
    restoreTestOverdue: configured !== undefined && untested,
    paused: next.paused,
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

export function databaseDetail(known: Known, config: Config, now: Date): DatabaseDetail {
  const { backups = [], rows, newest } = known.state ?? {};
  return {
    ...databaseStatus(known, config, now),
    history: backups.map((backup) => ({ ...backup, rows: rowsOf(rows, backup.id) })),
    // An older version of Lifeboat brings the list up to date and leaves this as it was.
    manifest: newest && newest.id === backups[0]?.id ? newest : null,
  };
}
