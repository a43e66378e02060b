import type { Check, Verdict } from '../sqlite/types.ts';

export const KINDS = ['auto', 'full', 'incremental'] as const;

/** A backup, for people and scripts. Sizes in bytes, times in ISO 8601. */
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
  /** Why it does not count as a sound backup; null when it does. */
  fault: BackupFault | null;
};

/**
 * `damaged`: it does not restore. `suspect`: it may not, so the next backup is full. `future`: its
 * time has not come yet, so a clock was wrong.
 */
export type BackupFault = { level: 'damaged' | 'suspect' | 'future'; reason: string };

/** What became of a backup in a further store. */
export type CopyDocument = {
  url: string;
  ok: boolean;
  backups: number;
  error?: { code: string; message: string; hint: string };
};
/** What became of a command of the user before or after a backup. */
export type HookResult = {
  hook: 'before' | 'after';
  ok: boolean;
  durationMs: number;
  error?: { code: string; message: string; hint: string };
};
export type BackupResult = BackupDocument & {
  durationMs: number;
  copies: CopyDocument[];
  /** Only of a database that has hooks. */
  hooks?: HookResult[];
};
