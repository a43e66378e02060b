/** The rows of one table that changed. */
export type TableRows = {
  name: string;
  /** What identifies a row; null when the table could not be compared. */
  key: 'primary-key' | 'rowid' | null;
  /** Why it could not be compared, or null. */
  problem: string | null;
  /** Columns that only one of the backups has; their values are not compared. */
  newColumns: string[];
  goneColumns: string[];
  added: number;
  removed: number;
  changed: number;
  /** The first of these rows. */
  rows: RowChange[];
};

/** `from` is null in a row that was added, `to` in one that was removed. */
export type RowChange = {
  change: 'added' | 'removed' | 'changed';
  key: { column: string; value: RowValue }[];
  /** The columns that differ, and of a row that was added or removed all but the key. */
  columns: { column: string; from: RowValue | null; to: RowValue | null }[];
};

/**
 * A value of SQLite. A number that JSON cannot carry exactly is a text. Of a long text, `value` is
 * the beginning, `length` the number of all characters, and `sha256` that of the whole text.
 */
export type RowValue =
  | { type: 'null' }
  | { type: 'integer' | 'real'; value: number | string }
  | { type: 'text'; value: string; length: number; sha256?: string }
  | { type: 'blob'; bytes: number; sha256: string };
