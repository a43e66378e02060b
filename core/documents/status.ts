/**
 * The documents: JSON that people, scripts, pages and run records get, one file per subject. They
 * are contracts, so fields are only added. Types and lists of words, nothing else; imports the types
 * of `sqlite`, `schedule` and `lib` only.
 */
import type { BackupPlace } from '../schedule/places.ts';
import type { BackupDocument } from './backup.ts';
import type { RunRecord, RunFailure, RestoreTestSummary } from './run.ts';

/** The condition of a database, from good to worst. */
export const CONDITIONS = ['good', 'attention', 'late', 'missing', 'failing'] as const;
export type Condition = (typeof CONDITIONS)[number];

/** Why the condition is not `good`. */
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

/** How many of the last 90 runs failed, by operation. */
export type FailedRuns = { backup: number; 'restore-test': number };

/** One database at a glance. Times in ISO 8601, sizes in bytes. */
export type DatabaseStatus = {
  name: string;
  condition: Condition;
  /** Empty when `good`; the worst first. */
  reasons: Reason[];
  lastBackup: BackupDocument | null;
  /** The last failure, even if a backup has succeeded since. */
  lastFailure: RunFailure | null;
  lastRestoreTest: RestoreTestSummary | null;
  nextBackup: string | null;
  /**
   * The source of `nextBackup`: Cloud Scheduler's job, or the cron expression of the configuration.
   */
  nextFrom: 'cloud-scheduler' | 'configuration' | null;
  /**
   * Where a deployment on Google Cloud runs the scheduled backups; null on a host, and without a
   * schedule.
   */
  runsIn: BackupPlace | null;
  /**
   * When a schedule last started a run, as far as the known runs and backups show; null: never. Then
   * `nextBackup` is a plan that nothing may carry out.
   */
  lastScheduled: string | null;
  fresh: boolean;
  backups: number;
  storedBytes: number;
  /** When the oldest backup was taken, and the latest expiry of all. */
  oldestBackup: string | null;
  keptUntil: string | null;
  /** How long the last successful backup took, ms. */
  lastBackupMs: number | null;
  failedRuns: FailedRuns;
  /** The last 90 runs, oldest first. */
  runs: RunRecord[];
};

/** A backup with its number of rows by table. */
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
  /** The moment of the document. */
  at: string;
  /** The worst condition of all databases; `good` when there are none. */
  condition: Condition;
  /** Sorted by name. */
  databases: DatabaseStatus[];
  /** Only where the function was asked for a page, with `?limit=`. */
  paging?: {
    page: number;
    pages: number;
    /** The databases on a page, and how many there are on all pages. */
    limit: number;
    count: number;
  };
};

/**
 * The contract of `status <database> --json`, and of the function's
 * `/databases/<name>?format=json`.
 */
export type DetailDocument = { version: 1; at: string } & DatabaseDetail;
