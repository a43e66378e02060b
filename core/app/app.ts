import type { RestoreDocument, RestoreTestDocument, VerifyDocument } from '../documents/restore.ts';
import type { BackupDocument, BackupResult } from '../documents/backup.ts';
import type { Config } from '../config/load.ts';
import type { NotifyTest } from '../notify/test.ts';
import type { Finding, WatchCheck } from '../documents/finding.ts';
import type { Topic } from '../messages/publisher.ts';
import type { DetailDocument, StatusDocument } from '../documents/status.ts';
import type { TopicMessage, RequestOrigin } from '../messages/messages.ts';

type Watching = {
  onProgress?: (step: string, done: number, total: number) => void;
  signal?: AbortSignal;
};

export type BackupOptions = {
  kind: 'auto' | 'full' | 'incremental';
  reason: string;
  accept?: boolean;
  expectMigrations?: readonly string[];
  /** The same key, twice or at once, gives one backup. Random when absent. */
  key?: string;
  /** When the request with this key was made first; now, when absent. */
  requestedAt?: Date;
  /**
   * Whether the moment of the first request with this key is to be remembered, because the caller
   * cannot say it.
   */
  claim?: boolean;
  deadlineMs?: number;
} & Watching;

/** The operations, as the doors call them. Every one throws LifeboatError. */
export type App = {
  config: Config;
  version: string;
  /** `database` is a configured name, or a path where the door allows it. */
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
      salvage: boolean;
      dryRun: boolean;
    } & Watching,
  ): Promise<RestoreDocument>;
  list(database?: string, options?: { all: boolean }): Promise<BackupDocument[]>;
  /** `fromSummaries`: from one object per database, without a look at the catalog. */
  status(options?: { fromSummaries: boolean }): Promise<StatusDocument>;
  /** Everything about one database. Throws `not_found`. */
  statusOf(database: string, options?: { fromSummaries: boolean }): Promise<DetailDocument>;
  verify(
    database: string,
    options: { at?: string; readData: boolean } & Watching,
  ): Promise<VerifyDocument>;
  /**
   * Restores the newest and some older backups of each database (of one, when named) into isolated
   * temporary storage, and compares.
   */
  restoreTest(
    database: string | undefined,
    /** `round`: the id of the message that requested a test of all databases. */
    options: Watching & { deadlineMs?: number; round?: string },
  ): Promise<{ databases: RestoreTestDocument[] }>;
  prune(options: { dryRun: boolean }): Promise<{ removed: string[] }>;
  query(
    database: string,
    options: { at: string; sql: string; signal?: AbortSignal },
  ): Promise<{ columns: string[]; rows: (string | number | null)[][] }>;
  retire(database: string): Promise<{ released: number }>;
  /**
   * Checks for missing, late or unfinished backups and changed settings, and announces problems.
   */
  watch(options?: {
    deadlineMs?: number;
    signal?: AbortSignal;
  }): Promise<{ findings: Finding<WatchCheck>[] }>;
  /** Sends a sample to every channel. */
  notifyTest(): Promise<NotifyTest>;
};
