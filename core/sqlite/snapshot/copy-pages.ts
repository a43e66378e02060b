import { backup, DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

export type PageProgress = (copied: number, total: number) => void;

type CopyOptions = { readonly busyTimeoutMs: number; readonly onProgress: PageProgress };

/**
 * Copies a database through the backup API at one moment, while others may write to it. Returns
 * that moment, ms.
 */
export async function copyPages(
  from: URL,
  target: string,
  { busyTimeoutMs, onProgress }: CopyOptions,
): Promise<number> {
  const db = connectReadOnly(from, busyTimeoutMs);
  try {
    // The read transaction fixes one moment; without it each write restarts the backup, for ever.
    db.exec('begin; select 1 from sqlite_schema limit 1');
    const takenAt = Date.now();
    const pages = await backup(db, target, {
      rate: 2048,
      progress: ({ totalPages, remainingPages }) =>
        onProgress(totalPages - remainingPages, totalPages),
    });
    onProgress(pages, pages);
    return takenAt;
  } finally {
    db.close();
  }
}

/** Proves by a shared lock that no writer is inside a transaction. */
export function lockForAMoment(source: string, busyTimeoutMs: number): void {
  const db = connectReadOnly(pathToFileURL(source), busyTimeoutMs);
  try {
    db.exec('begin; select 1 from sqlite_schema limit 1');
  } finally {
    db.close();
  }
}

/** An address with which SQLite takes no lock and creates nothing beside the file. */
export function immutableUrl(source: string): URL {
  return new URL(`${pathToFileURL(source).href}?immutable=1`);
}

/** The file may be hostile. */
function connectReadOnly(from: URL, busyTimeoutMs: number): DatabaseSync {
  const db = new DatabaseSync(from, {
    readOnly: true,
    timeout: busyTimeoutMs,
    allowExtension: false,
    defensive: true,
  });
  db.exec('pragma trusted_schema = off');
  return db;
}
