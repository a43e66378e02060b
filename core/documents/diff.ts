import type { TableRows } from '../sqlite/row-diff/row-diff-types.ts';

/** One side of a comparison. Sizes in bytes. */
export type ComparedBackup = { id: string; takenAt: string; size: number };

/** What changed from one backup to another, as their manifests record it; `rows` from restoring both. */
export type DiffDocument = {
  database: string;
  from: ComparedBackup;
  to: ComparedBackup;
  /** Null when the schema of one of them could not be read. */
  schemaChanged: boolean | null;
  /** Tables that are new, gone, or have another number of rows, by name; null where there is none. */
  tables: { name: string; from: number | null; to: number | null }[];
  /** Frameworks whose newest applied migration changed; null where none is applied. */
  migrations: { framework: string; from: string | null; to: string | null }[];
  /**
   * Only where rows were compared: every table of both backups that has changed rows, or could not
   * be compared.
   */
  rows?: TableRows[];
};
