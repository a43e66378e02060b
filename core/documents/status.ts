import type { BackupDocument } from './backup.ts';
import type { RunRecord, RunFailure, RestoreTestSummary } from './run.ts';

/** The state of a database in one word, from good to worst. */
export const CONDITIONS = ['good', 'attention', 'late', 'missing', 'failing'] as const;
export type Condition = (typeof CONDITIONS)[number];

/** Why it is not `good`. */
export type Reason =
  | 'backup-failed'
  | 'restore-test-failed'
  | 'backup-damaged'
  | 'missing'
  | 'late'
  | 'inconclusive'
  | 'backup-from-future'
  | 'restore-test-overdue'
  | 'schedule-paused'
  | 'schedule-unknown'
  | 'not-configured';

/** One database at a glance. Times in ISO 8601, sizes in bytes. */
export type DatabaseStatus = {
  name: string;
  condition: Condition;
  /** Empty when `good`; the worst first. */
  reasons: Reason[];
  lastBackup: BackupDocument | null;
  /** The last failure, even when a backup succeeded since. */
  lastFailure: RunFailure | null;
  lastRestoreTest: RestoreTestSummary | null;
  nextBackup: string | null;
  /**
   * The source of `nextBackup`: Cloud Scheduler's job, or the cron expression of the configuration.
   */
  nextFrom: 'cloud-scheduler' | 'configuration' | null;
  fresh: boolean;
  backups: number;
  storedBytes: number;
  /** When the oldest backup was taken, and until when the longest kept is kept. */
  oldestBackup: string | null;
  keptUntil: string | null;
  /** The last 90 runs, oldest first. */
  runs: RunRecord[];
};

/** A backup with what its page shows besides: rows by table. */
export type HistoryEntry = BackupDocument & { rows: Record<string, number> };

/** Everything about one database. */
export type DatabaseDetail = DatabaseStatus & {
  /** Newest first, without salvage copies. */
  history: HistoryEntry[];
  /** The manifest of the newest backup, without its runs of pages; null before there is one. */
  manifest: unknown;
};

/**
 * The contract of `status --json`, and of the function's `?format=json`. Fields are only ever added
 * to version 1.
 */
export type StatusDocument = {
  version: 1;
  /** When this was found out. */
  at: string;
  /** The worst condition of all databases; `good` when there are none. */
  condition: Condition;
  /** By name. */
  databases: DatabaseStatus[];
};

/**
 * The contract of `status <database> --json`, and of the function's
 * `/databases/<name>?format=json`.
 */
export type DetailDocument = { version: 1; at: string } & DatabaseDetail;
