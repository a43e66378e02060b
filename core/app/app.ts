import type { Config } from '../config/load.ts';
import type { Message, Origin } from '../messages/messages.ts';
import type { NotifyTest } from '../notify/test.ts';
import type { WatchVerdict } from '../watch/verdicts.ts';
import type { Topic } from '../messages/publisher.ts';
import type { DetailDocument, StatusDocument } from '../documents/status.ts';
import type { Check, Verdict } from '../sqlite/types.ts';

/** What a person or a script is told of a backup. Sizes in bytes, times in ISO 8601. */
export type BackupDocument = {
  id: string;
  database: string;
  kind: 'full' | 'incremental';
  parent: string | null;
  verdict: Verdict;
  pages: { size: number; count: number; stored: number };
  size: number;
  sha256: string;
  storedBytes: number;
  checks: Check[];
  expires: string;
  takenAt: string;
  held: boolean;
  salvage: boolean;
  reason: string;
};

/** What became of a backup in a further store. */
export type CopyDocument = {
  url: string;
  ok: boolean;
  backups: number;
  error?: { code: string; message: string; hint: string };
};
export type Made = BackupDocument & { durationMs: number; copies: CopyDocument[] };

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
  /** Whether the moment of the first request with this key is to be remembered, because the caller cannot say it. */
  claim?: boolean;
  deadlineMs?: number;
} & Watching;

/** The operations, as the doors call them. Every one throws LifeboatError. */
export type App = {
  config: Config;
  version: string;
  /** `database` is a configured name, or a path where the door allows it. */
  backup(database: string, options: BackupOptions): Promise<Made>;
  /** Throws `not_found` unless the configuration names the database; `*` means every one. */
  requireConfigured(database: string): void;
  /** Publishes one message per configured database. */
  fanOut(topic: Topic, message: Message, origin: Origin): Promise<void>;
  restore(
    database: string,
    options: {
      to: string;
      at: string;
      force: boolean;
      salvage: boolean;
      dryRun: boolean;
    } & Watching,
  ): Promise<{
    id: string;
    database: string;
    to: string;
    size: number;
    sha256: string;
    checks: Check[];
    durationMs: number;
    setAside: string[];
    /** The store that it came from: the first, or a copy. */
    from: string;
  }>;
  list(database?: string, options?: { all: boolean }): Promise<BackupDocument[]>;
  /** `fromSummaries`: from one object per database, without a look at the catalog. */
  status(options?: { fromSummaries: boolean }): Promise<StatusDocument>;
  /** Everything about one database. Throws `not_found`. */
  statusOf(database: string, options?: { fromSummaries: boolean }): Promise<DetailDocument>;
  verify(
    database: string,
    options: { at?: string; readData: boolean } & Watching,
  ): Promise<{
    backups: { id: string; ok: boolean; problems: string[] }[];
    /** Backups that are kept longer, because the one that was kept for their week, month or year is damaged. */
    promoted: { id: string; slot: string; period: string; instead: string; expires: string }[];
  }>;
  /** Restores the newest and some older backups of each database (of one, when named) into isolated temporary storage, and compares. */
  restoreTest(
    database: string | undefined,
    /** `round`: the message that asked for all databases, of which this is one. */
    options: Watching & { deadlineMs?: number; round?: string },
  ): Promise<{
    databases: {
      database: string;
      id: string | null;
      ok: boolean;
      /** Time to restore the newest backup, ms. */
      durationMs: number;
      checks: Check[];
      tested: {
        id: string;
        takenAt: string;
        size: number;
        ok: boolean;
        durationMs: number;
        checks: Check[];
        problems: string[];
      }[];
      problems: string[];
    }[];
  }>;
  prune(options: { dryRun: boolean }): Promise<{ removed: string[] }>;
  query(
    database: string,
    options: { at: string; sql: string; signal?: AbortSignal },
  ): Promise<{ columns: string[]; rows: (string | number | null)[][] }>;
  retire(database: string): Promise<{ released: number }>;
  /** Looks whether anything is missing, late, unfinished, paused or drifting, and tells it. Alarms are in the answer. */
  watch(options?: {
    deadlineMs?: number;
    signal?: AbortSignal;
  }): Promise<{ verdicts: WatchVerdict[] }>;
  /** Sends a sample to every channel. */
  notifyTest(): Promise<NotifyTest>;
};
