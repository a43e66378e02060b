import type { RestoreDocument, RestoreTestDocument, VerifyDocument } from '../documents/restore.ts';
import type { BackupDocument, BackupResult } from '../documents/backup.ts';
import type { Config } from '../config/load.ts';
import type { NotifyTest } from '../notify/test.ts';
import type { WatchFinding } from '../documents/finding.ts';
import type { Topic } from '../messages/publisher.ts';
import type { BackupQuery } from '../restore/query.ts';
import type { DiffOptions } from '../restore/diff.ts';
import type { DiffDocument } from '../documents/diff.ts';
import type { DetailDocument, StatusDocument } from '../documents/status.ts';
import type { StatusOptions } from '../status/status.ts';
import type { Retirement, RetireOptions } from '../upkeep/retire.ts';
import type { TopicMessage, RequestOrigin } from '../messages/messages.ts';

type Watching = {
  onProgress?: ((step: string, done: number, total: number) => void) | undefined;
  signal?: AbortSignal | undefined;
};

export type BackupOptions = {
  kind: 'auto' | 'full' | 'incremental';
  reason: string;
  accept?: boolean;
  expectMigrations?: readonly string[];
  /** Requests with the same key make one backup, even at the same time. Random when absent. */
  key?: string;
  /** When the first request with this key was made; now when absent. */
  requestedAt?: Date;
  /** Records when the first request with this key was made, for callers that do not know it. */
  claim?: boolean;
  /** The schedule made it: all starts at the same time of the schedule are one request. */
  scheduled?: boolean;
  /** Not the first attempt: throws the error of an earlier one again when no retry can help. */
  retried?: boolean;
  deadlineMs?: number | undefined;
} & Watching;

/** The operations, as entry points call them. Every one throws LifeboatError. */
export type App = {
  config: Config;
  version: string;
  /** `database` is a configured name, or a path where the entry point allows it. */
  backup(database: string, options: BackupOptions): Promise<BackupResult>;
  /** Throws `not_found` unless the configuration names the database; `*` means every one. */
  requireConfigured(database: string): void;
  /** Publishes one message per configured database. */
  fanOut(topic: Topic, message: TopicMessage, origin: RequestOrigin): Promise<void>;
  restore(
    database: string,
    options: {
      to: string;
      at: string;
      force: boolean;
      evenIfOpen?: boolean | undefined;
      salvage: boolean;
      dryRun: boolean;
    } & Watching,
  ): Promise<RestoreDocument>;
  /** Newest first. `since` is a day or a time as `--at` takes it, `limit` a number of backups. */
  list(
    database?: string,
    options?: { all: boolean; since?: string | undefined; limit?: number | undefined },
  ): Promise<BackupDocument[]>;
  /** `fromSummaries`: reads one object per database instead of the catalog. */
  status(options?: StatusOptions): Promise<StatusDocument>;
  /** Everything about one database. Throws `not_found`. */
  statusOf(database: string, options?: { fromSummaries: boolean }): Promise<DetailDocument>;
  verify(
    database: string,
    options: { at?: string | undefined; readData: boolean } & Watching,
  ): Promise<VerifyDocument>;
  /**
   * Restores the newest and some older backups of each database (of one, when named) into isolated
   * temporary storage, and compares.
   */
  restoreTest(
    database: string | undefined,
    /** `round`: the id of the message that requested a test of all databases. */
    options: Watching & { deadlineMs?: number | undefined; round?: string | undefined },
  ): Promise<{ databases: RestoreTestDocument[] }>;
  prune(options: { dryRun: boolean }): Promise<{ removed: string[] }>;
  query(
    database: string,
    options: { at: string; sql: string; signal?: AbortSignal | undefined },
  ): Promise<BackupQuery>;
  /** Compares two backups, each given as `at` is; with `rows`, it restores both. */
  diff(database: string, options: DiffOptions): Promise<DiffDocument>;
  /** Lets the last backups of a removed database expire, or deletes what is left of it. */
  retire(database: string, options?: Pick<RetireOptions, 'acceptsMissing'>): Promise<Retirement>;
  /**
   * Checks for missing, late or unfinished backups and changed settings, and announces problems.
   */
  watch(options?: {
    deadlineMs?: number | undefined;
    signal?: AbortSignal | undefined;
  }): Promise<{ findings: WatchFinding[] }>;
  /** Sends a sample to every channel. */
  notifyTest(): Promise<NotifyTest>;
};
