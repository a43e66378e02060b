import type { Check } from '../sqlite/types.ts';

/** The document of `restore`. Sizes in bytes. */
export type RestoreDocument = {
  id: string;
  database: string;
  /** The moment whose state the database has now. */
  takenAt: string;
  to: string;
  size: number;
  sha256: string;
  checks: Check[];
  durationMs: number;
  setAside: string[];
  /** The URL of the store that the backup came from: the first store, or a copy. */
  from: string;
};

/** One backup that a restore test restored, with its checks. */
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

/** The result of `verify` for one backup. */
export type VerifiedBackup = {
  id: string;
  /** Absent where there is no manifest that says so. */
  takenAt?: string;
  ok: boolean;
  problems: string[];
};

/** A backup that is now kept longer, in place of a damaged one that held the slot. */
export type PromotedBackup = {
  id: string;
  slot: string;
  period: string;
  instead: string;
  expires: string;
};

/** The document of `verify`. */
export type VerifyDocument = { backups: VerifiedBackup[]; promoted: PromotedBackup[] };
