import type { SizeLimit } from '../lib/bytes/size-limit.ts';
import type { Framework } from './judge/frameworks.ts';

/** A consistent copy of a database at one moment. */
export type Snapshot = {
  /**
   * A single file without siblings: a copy in the folder that was given, or, `in-place`, the source
   * itself or a descriptor of it.
   */
  readonly path: string;
  /**
   * Whether what was read from `path` until now was the snapshot; only an `in-place` one can lose
   * that, when somebody wrote to the source.
   */
  readonly holds: () => boolean;
  readonly size: number;
  /**
   * The moment whose state the copy shows, as well as it can be known (the time when the read
   * transaction began).
   */
  readonly takenAt: Date;
  /**
   * `in-place`: nobody was writing, so nothing was copied; `backup`: within a read transaction;
   * `immutable`: the bytes of an idle file; `recovered`: raw copies, recovered by the engine;
   * `pulled`: somebody else's consistent copy, taken as it came.
   */
  readonly method: 'in-place' | 'backup' | 'immutable' | 'recovered' | 'pulled';
};

export type SnapshotOptions = {
  /** A private folder (0700) that exists; the snapshot is written into it. */
  readonly directory: string;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
  /** How long a busy source is waited for, ms. */
  readonly busyTimeoutMs?: number;
  /** The most bytes that a copy may have. */
  readonly limit?: SizeLimit | undefined;
  /** Whether an idle source may be its own snapshot. */
  readonly inPlace?: boolean;
  /** Keeps open what the snapshot is read from; the caller disposes of it after reading. */
  readonly resources?: DisposableStack;
};

/** In bytes. */
export type PageProgress = (copied: number, total: number) => void;

/** What the child process that takes a snapshot is given, and what it answers. Times in ms. */
export type SnapshotInput = {
  source: string;
  directory: string;
  target: string;
  busyTimeoutMs: number;
  inPlace: boolean;
  limit: SizeLimit | undefined;
};
export type SnapshotReply = {
  method: Snapshot['method'];
  takenAt: number;
  fileState?: string;
};

export type Verdict = 'ok' | 'inconclusive' | 'failed';

export type Check = {
  /**
   * `digest`, `header`, `length`, `integrity`, `foreign-keys`, `tables`, `migrations`, `assertion: <name>` …
   */
  readonly name: string;
  readonly result: 'ok' | 'warning' | 'inconclusive' | 'failed';
  readonly engine?: 'sql.js' | 'node:sqlite';
  /** What was found, at most a few hundred characters, never row data. */
  readonly detail?: string;
};

export type Migrations = {
  readonly framework: Framework;
  /**
   * The newest applied migration as that framework names it (`shop.0042_add_index` for Django);
   * null when none is applied.
   */
  readonly head: string | null;
  readonly applied: number;
  /** Names of failed, dirty or rolled-back-but-unresolved migrations; not empty means unhealthy. */
  readonly failed: readonly string[];
};

export type Inspection = {
  readonly verdict: Verdict;
  readonly checks: readonly Check[];
  readonly engines: readonly {
    readonly name: 'sql.js' | 'node:sqlite';
    readonly version: string;
  }[];
  /** Rows per table (ordinary tables; virtual ones where the engine can), by name. */
  readonly tables: Readonly<Record<string, number>>;
  /**
   * SHA-256 (hex) over the sorted `type name tbl_name sql` of sqlite_schema; null when it cannot be
   * read.
   */
  readonly schema: string | null;
  readonly migrations: readonly Migrations[];
};

export type InspectOptions = {
  /** Whether the file is a copy in a private folder, which nobody else can shorten. */
  readonly isPrivate: boolean;
  readonly integrity: 'full' | 'quick';
  /** Files up to this many bytes are judged by sql.js; larger ones by node:sqlite alone. */
  readonly sandboxLimit: number;
  readonly timeoutMs: number;
  readonly allowEmpty: boolean;
  readonly foreignKeys: 'warn' | 'refuse' | 'off';
  readonly assertions: readonly { readonly name: string; readonly sql: string }[];
  /** Migrations that must be applied, and the framework that must be there. */
  readonly migrations?:
    | {
        readonly framework?: Framework | undefined;
        readonly expect: readonly string[];
      }
    | undefined;
  readonly signal?: AbortSignal;
};
