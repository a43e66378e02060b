import type { Config } from './config/load.ts';
import type { Check, Verdict } from './sqlite/types.ts';

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

type Watching = { onProgress?: (step: string, done: number, total: number) => void; signal?: AbortSignal };

/** The operations, as the doors call them. Every one throws LifeboatError. */
export type App = {
  config: Config;
  /** `database` is a configured name or a path. */
  backup(
    database: string,
    options: { kind: 'auto' | 'full' | 'incremental'; reason: string; key?: string } & Watching,
  ): Promise<BackupDocument & { durationMs: number }>;
  restore(
    database: string,
    options: { to: string; at: string; force: boolean; salvage: boolean; dryRun: boolean } & Watching,
  ): Promise<{
    id: string;
    database: string;
    to: string;
    size: number;
    sha256: string;
    checks: Check[];
    durationMs: number;
    setAside: string[];
  }>;
  list(database?: string, options?: { all: boolean }): Promise<BackupDocument[]>;
  status(): Promise<{
    databases: {
      name: string;
      lastBackup: BackupDocument | null;
      lastFailure: { at: string; code: string; message: string; hint: string } | null;
      lastRestoreTest: null;
      nextBackup: string | null;
      fresh: boolean;
      backups: number;
      storedBytes: number;
    }[];
  }>;
  verify(
    database: string,
    options: { at?: string; readData: boolean } & Watching,
  ): Promise<{ backups: { id: string; ok: boolean; problems: string[] }[] }>;
  prune(options: { dryRun: boolean }): Promise<{ removed: string[] }>;
  query(
    database: string,
    options: { at: string; sql: string; signal?: AbortSignal },
  ): Promise<{ columns: string[]; rows: (string | number | null)[][] }>;
  retire(database: string): Promise<{ released: number }>;
};
