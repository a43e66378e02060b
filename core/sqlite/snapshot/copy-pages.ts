import { closeSync, fstatSync, type BigIntStats } from 'node:fs';
import { backup, DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { refuseOver } from '../../lib/bytes/size-limit.ts';
import { isRoot, openPaths, openRegularFile, replaced } from '../descriptor.ts';
import { MOVED } from '../file-state.ts';
import { copyBlocks, type FileCopying } from './copy-file.ts';
import { copyPinned, pinnedWal, type PinnedWal } from './pinned-wal.ts';
import { mergeSibling } from './recover-copy.ts';

type CopyOptions = FileCopying & { readonly busyTimeoutMs: number };

/** Each step of the backup API costs as much as some hundred pages. */
const PAGES_PER_STEP = 16_384;

/**
 * Copies a database at one moment, while others may write to it. Returns that moment, ms. The read
 * transaction keeps the file itself unchanged in rollback mode, so that its bytes are copied. In WAL
 * mode it keeps the -wal, whose bytes are copied, too, where it is known to use it; otherwise the
 * backup API copies the pages (docs/decisions/snapshots-in-place.md).
 */
export async function copyDatabase(
  source: string,
  target: string,
  options: CopyOptions,
): Promise<number> {
  const before = openPaths();
  const db = connectAndBegin(source, before, options.busyTimeoutMs);
  const takenAt = Date.now();
  const { limit, onProgress } = options;
  let pinned: PinnedWal | undefined;
  try {
    const { pageSize, size } = databaseShape(db);
    refuseOver(limit, size);
    if (isInWalMode(db)) pinned = pinnedWal(source, before, { pageSize, limit });
    if (pinned) await copyPinned(pinned, target, onProgress);
    else if (isInWalMode(db) || before.size === 0) await copyPages(db, target, options);
    else await copyLocked({ source, target, db, size, before }, options);
  } finally {
    db.close();
  }
  if (pinned) mergeSibling(target, pinned.frames);
  return pinned?.at ?? takenAt;
}

type LockedSource = {
  readonly source: string;
  readonly target: string;
  readonly db: DatabaseSync;
  /** Bytes of the database, as SQLite sees it. */
  readonly size: number;
  /** The files that were open before SQLite opened the database. */
  readonly before: ReturnType<typeof openPaths>;
};

/**
 * Copies the bytes of the file on which this connection has the shared lock. To close the descriptor
 * drops that lock, so that comes last.
 */
async function copyLocked(
  { source, target, db, size, before }: LockedSource,
  copying: FileCopying,
): Promise<void> {
  const file = openRegularFile(source);
  try {
    // Another file may have been put in its place since SQLite opened it.
    if (!isOpenTwice(file, before)) throw MOVED;
    if (fstatSync(file).size === size) await copyBlocks(file, target, copying);
    else await copyPages(db, target, copying);
  } finally {
    closeSync(file);
  }
}

/** Whether SQLite has opened the same file. */
function isOpenTwice(file: number, before: ReturnType<typeof openPaths>): boolean {
  const { dev, ino } = fstatSync(file, { bigint: true });
  return [...openPaths().keys()].some((each) => {
    if (each === file || before.has(each)) return false;
    const other = descriptorStatus(each);
    return other?.dev === dev && other.ino === ino;
  });
}

/** The descriptor with which the folder was listed is closed by now. */
function descriptorStatus(file: number): BigIntStats | undefined {
  try {
    return fstatSync(file, { bigint: true });
  } catch {
    return undefined;
  }
}

/** In every other mode, the lock of a read transaction keeps everybody from writing to the file. */
function isInWalMode(db: DatabaseSync): boolean {
  return db.prepare('pragma journal_mode').get()?.['journal_mode'] === 'wal';
}

async function copyPages(
  db: DatabaseSync,
  target: string,
  { onProgress }: FileCopying,
): Promise<void> {
  const { pageSize } = databaseShape(db);
  const pages = await backup(db, target, {
    rate: PAGES_PER_STEP,
    progress: ({ totalPages, remainingPages }) =>
      onProgress((totalPages - remainingPages) * pageSize, totalPages * pageSize),
  });
  onProgress(pages * pageSize, pages * pageSize);
}

/** Bytes of a page, and of the database at the moment of the transaction. */
function databaseShape(db: DatabaseSync): { pageSize: number; size: number } {
  const [pages = 0, pageSize = 0] = ['page_count', 'page_size'].map((name) =>
    Number(Object.values(db.prepare(`pragma ${name}`).get() ?? {})[0]),
  );
  return { pageSize, size: pages * pageSize };
}

/** Proves by a shared lock that no writer is inside a transaction. */
export function lockForAMoment(source: string, busyTimeoutMs: number): void {
  connectAndBegin(source, openPaths(), busyTimeoutMs).close();
}

/** Begins a read transaction, which fixes one moment: without it each write restarts a backup. */
function connectAndBegin(
  source: string,
  before: ReturnType<typeof openPaths>,
  busyTimeoutMs: number,
): DatabaseSync {
  const db = connectReadOnly(source, busyTimeoutMs);
  try {
    db.exec('begin; select 1 from sqlite_schema limit 1');
    if (isRoot()) requireOwnPaths(source, before);
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
    if (!before.has(file) && opened.startsWith('/') && !own.includes(opened)) throw replaced(path);
}

/** The file may be hostile. */
function connectReadOnly(source: string, busyTimeoutMs: number): DatabaseSync {
  const db = new DatabaseSync(pathToFileURL(source), {
    readOnly: true,
    timeout: busyTimeoutMs,
    allowExtension: false,
    defensive: true,
  });
  db.exec('pragma trusted_schema = off');
  return db;
}
