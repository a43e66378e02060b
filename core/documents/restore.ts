import type { Check } from '../sqlite/types.ts';

/** The answer of `restore`. Sizes in bytes. */
export type RestoreDocument = {
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
};

/** One backup that a restore test restored, and what was found in it. */
export type TestedBackup = {
  id: string;
  takenAt: string;
  size: number;
  ok: boolean;
  durationMs: number;
  checks: Check[];
  problems: string[];
};

/** The restore test of one database. */
export type RestoreTestDocument = {
  database: string;
  id: string | null;
  ok: boolean;
  /** Time to restore the newest backup, ms. */
  durationMs: number;
  checks: Check[];
  tested: TestedBackup[];
  problems: string[];
};

/** What `verify` found about one backup. */
export type VerifiedBackup = { id: string; ok: boolean; problems: string[] };

/**
 * A backup that is kept longer, because the one that was kept for its week, month or year is
 * damaged.
 */
export type PromotedBackup = {
  id: string;
  slot: string;
  period: string;
  instead: string;
  expires: string;
};

/** The answer of `verify`. */
export type VerifyDocument = { backups: VerifiedBackup[]; promoted: PromotedBackup[] };
