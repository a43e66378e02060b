import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

const LONGEST_VALUE = 64 * 2 ** 20;

/**
 * Opens a file that may be hostile, for reading only, and leaves nothing beside it. No value that
 * SQLite computes is longer than 64 MiB or the file, so that a small file cannot take much memory.
 */
export function openUntrusted(path: string): DatabaseSync {
  const db = new DatabaseSync(new URL(`${pathToFileURL(path).href}?immutable=1`), {
    readOnly: true,
    allowExtension: false,
    defensive: true,
    limits: { length: Math.min(Math.max(LONGEST_VALUE, statSync(path).size), 1_000_000_000) },
  });
  try {
    db.exec('pragma trusted_schema = off; pragma query_only = on; pragma cell_size_check = on');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
