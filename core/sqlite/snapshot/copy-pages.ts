import { backup, DatabaseSync } from 'node:sqlite';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { refuseOver, type SizeLimit } from '../../lib/size-limit.ts';
import { isRoot, openPaths, replaced } from '../descriptor.ts';

/** In bytes. */
export type PageProgress = (copied: number, total: number) => void;

type CopyOptions = {
  readonly busyTimeoutMs: number;
  readonly limit: SizeLimit | undefined;
  readonly onProgress: PageProgress;
};

/**
 * Copies a database through the backup API at one moment, while others may write to it. Returns
 * that moment, ms.
 */
export async function copyPages(
  from: URL,
  target: string,
  { busyTimeoutMs, limit, onProgress }: CopyOptions,
): Promise<number> {
  const db = connectAndBegin(from, busyTimeoutMs);
  try {
    refuseOver(limit, databaseSize(db));
    const takenAt = Date.now();
    const pageSize = Number(db.prepare('pragma page_size').get()?.['page_size']);
    const pages = await backup(db, target, {
      rate: 2048,
      progress: ({ totalPages, remainingPages }) =>
        onProgress((totalPages - remainingPages) * pageSize, totalPages * pageSize),
    });
    onProgress(pages * pageSize, pages * pageSize);
    return takenAt;
  } finally {
    db.close();
  }
}

/** Bytes of the database at the moment of the transaction. */
function databaseSize(db: DatabaseSync): number {
  const [pages, size] = ['page_count', 'page_size'].map((name) =>
    Number(Object.values(db.prepare(`pragma ${name}`).get() ?? {})[0]),
  );
  return (pages ?? 0) * (size ?? 0);
}

/** Proves by a shared lock that no writer is inside a transaction. */
export function lockForAMoment(source: string, busyTimeoutMs: number): void {
  connectAndBegin(pathToFileURL(source), busyTimeoutMs).close();
}

/** An address with which SQLite takes no lock and creates nothing beside the file. */
export function immutableUrl(source: string): URL {
  return new URL(`${pathToFileURL(source).href}?immutable=1`);
}

/** Begins a read transaction, which fixes one moment: without it each write restarts a backup. */
function connectAndBegin(from: URL, busyTimeoutMs: number): DatabaseSync {
  const before = openPaths();
  const db = connectReadOnly(from, busyTimeoutMs);
  try {
    db.exec('begin; select 1 from sqlite_schema limit 1');
    if (isRoot()) requireOwnPaths(fileURLToPath(from), before);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * Throws when SQLite was led elsewhere. Only where root cannot become the owner of the database:
 * the owner of any folder in the path can put a symbolic link there at any moment.
 */
function requireOwnPaths(path: string, before: ReturnType<typeof openPaths>): void {
  const own = ['', '-wal', '-shm', '-journal'].map((suffix) => `${path}${suffix}`);
  for (const [file, opened] of openPaths())
    if (!before.has(file) && opened?.startsWith('/') === true && !own.includes(opened))
      throw replaced(path);
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
