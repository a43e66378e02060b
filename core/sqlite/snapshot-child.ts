import {
  chownSync,
  closeSync,
  copyFileSync,
  existsSync,
  fstatSync,
  openSync,
  readSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { LifeboatError } from '../lib/errors.ts';
import { serveChild, type Fault } from './child.ts';
import { headerFault } from './header.ts';
import { fileState, isSettled } from './file-state.ts';
import { journalIsLive, namesSuperJournal } from './journal.ts';
import { refuseOtherNames } from './other-names.ts';
import * as sqlite from './result-codes.ts';
import type { Snapshot } from './types.ts';

export type SnapshotInput = {
  source: string;
  directory: string;
  target: string;
  busyTimeoutMs: number;
  inPlace: boolean;
};
export type Taken = { method: Snapshot['method']; takenAt: number; fileState?: string };
type Input = SnapshotInput;
type Progress = (done: number, total: number) => void;

/** How long nobody may have written to a database that is read in place. */
const QUIET_MS = 3000;
const MOVED = Symbol('the source changed meanwhile');

async function copyPages(
  from: URL | string,
  target: string,
  busyTimeoutMs: number,
  progress: Progress,
): Promise<number> {
  const db = openSource(from, busyTimeoutMs);
  try {
    // The read transaction fixes one moment; without it each write restarts the backup, for ever.
    db.exec('begin; select 1 from sqlite_schema limit 1');
    const takenAt = Date.now();
    const pages = await backup(db, target, {
      rate: 2048,
      progress: ({ totalPages, remainingPages }) =>
        progress(totalPages - remainingPages, totalPages),
    });
    progress(pages, pages);
    return takenAt;
  } finally {
    db.close();
  }
}

/** For reading only, and with care: the file may be hostile. */
function openSource(from: URL | string, busyTimeoutMs: number): DatabaseSync {
  const db = new DatabaseSync(from, {
    readOnly: true,
    timeout: busyTimeoutMs,
    allowExtension: false,
    defensive: true,
  });
  db.exec('pragma trusted_schema = off');
  return db;
}

function plain(source: string): URL {
  return pathToFileURL(source);
}
function immutable(source: string): URL {
  return new URL(`${pathToFileURL(source).href}?immutable=1`);
}

/**
 * Copies the file and its sibling while nothing changes them, and lets the engine recover the copy.
 */
async function recoverCopy(
  { source, directory, target, busyTimeoutMs }: Input,
  suffix: '-wal' | '-journal',
  progress: Progress,
): Promise<Taken> {
  const copy = join(directory, 'raw.sqlite3');
  if (!isSettled(source, Date.now())) throw MOVED;
  const before = fileState(source);
  const takenAt = Date.now();
  copyFileSync(source, copy);
  if (existsSync(`${source}${suffix}`)) copyFileSync(`${source}${suffix}`, `${copy}${suffix}`);
  if (fileState(source) !== before) throw MOVED;
  if (suffix === '-journal' && namesSuperJournal(`${copy}${suffix}`))
    throw new LifeboatError(
      'source_invalid',
      'the journal belongs to a transaction over several databases',
      'Open the database once with the application, which finishes that transaction, then back up again.',
    );
  const db = new DatabaseSync(copy, { allowExtension: false, defensive: true });
  try {
    db.exec('pragma trusted_schema = off; select 1 from sqlite_schema limit 1');
  } finally {
    db.close();
  }
  await copyPages(plain(copy), target, busyTimeoutMs, progress);
  for (const each of ['', '-wal', '-shm', '-journal']) rmSync(`${copy}${each}`, { force: true });
  return { method: 'recovered', takenAt };
}

async function fromIdle(input: Input, progress: Progress): Promise<Taken> {
  if (!isSettled(input.source, Date.now())) throw MOVED;
  const before = fileState(input.source);
  const takenAt = await copyPages(
    immutable(input.source),
    input.target,
    input.busyTimeoutMs,
    progress,
  );
  // `immutable` takes no lock, so the copy is consistent only if nobody wrote meanwhile.
  if (fileState(input.source) !== before) throw MOVED;
  return { method: 'immutable', takenAt };
}

/**
 * Becomes the owner of the file, so that files that SQLite creates beside it belong to the
 * application's user. False when this process may not.
 */
function becomeOwner({ source, directory }: Input): boolean {
  const { uid, gid } = statSync(source);
  if (process.geteuid?.() === uid) return true;
  if (process.geteuid?.() !== 0) return false;
  chownSync(directory, uid, gid);
  process.setegid?.(gid);
  process.seteuid?.(uid);
  return true;
}

/**
 * An active writer changes the -wal all the time. An idle pair is copied instead, which leaves even
 * the -shm unchanged.
 */
async function fromWal(input: Input, progress: Progress): Promise<Taken> {
  const before = fileState(input.source);
  await sleep(100);
  if (fileState(input.source) === before) {
    try {
      return await recoverCopy(input, '-wal', progress);
    } catch (error) {
      if (error !== MOVED) throw error;
    }
  }
  if (!existsSync(`${input.source}-shm`) || !becomeOwner(input))
    return recoverCopy(input, '-wal', progress);
  return {
    method: 'backup',
    takenAt: await copyPages(plain(input.source), input.target, input.busyTimeoutMs, progress),
  };
}

/**
 * The first bytes; closing the file drops this process's locks on it, and there are none yet: every
 * connection is opened after this.
 */
function headOf(source: string): { head: Buffer; size: number } {
  const file = openSync(source, 'r');
  try {
    const head = Buffer.alloc(100);
    return { head: head.subarray(0, readSync(file, head, 0, 100, 0)), size: fstatSync(file).size };
  } finally {
    closeSync(file);
  }
}

// SQLite goes by the second byte; a file with only the first is damaged, and opened with the same
// care.
function isWal(source: string): boolean {
  const { head } = headOf(source);
  return head[18] === 2 || head[19] === 2;
}

/**
 * A file without siblings must be complete. SQLite would ignore some of these faults, and drop
 * appended bytes.
 */
async function refuseFault(source: string): Promise<void> {
  const before = fileState(source);
  const { head, size } = headOf(source);
  const fault = headerFault(head, size);
  if (!fault) return;
  // A writer without a journal may be about to complete the file.
  await sleep(250);
  if (fileState(source) !== before) throw MOVED;
  throw new LifeboatError(fault.code, fault.message, fault.hint);
}

/**
 * A database that nobody writes to is its own snapshot as long as its file state stays the same. In
 * rollback mode a shared lock first proves that no writer is inside a transaction without a
 * journal.
 */
function inPlace({ source, busyTimeoutMs }: Input): Taken {
  const before = fileState(source);
  if (!isWal(source)) {
    const db = openSource(plain(source), busyTimeoutMs);
    try {
      db.exec('begin; select 1 from sqlite_schema limit 1');
    } finally {
      db.close();
    }
  }
  if (fileState(source) !== before) throw MOVED;
  return { method: 'in-place', takenAt: Date.now(), fileState: before };
}

async function attempt(input: Input, progress: Progress): Promise<Taken> {
  const { source, target, busyTimeoutMs } = input;
  const alone = !existsSync(`${source}-wal`) && !existsSync(`${source}-journal`);
  if (alone) await refuseFault(source);
  if (alone && isWal(source)) refuseOtherNames(source);
  if (input.inPlace && alone && isSettled(source, Date.now(), QUIET_MS)) return inPlace(input);
  if (existsSync(`${source}-wal`)) return fromWal(input, progress);
  if (isWal(source)) return fromIdle(input, progress);
  if (existsSync(`${source}-journal`) && journalIsLive(`${source}-journal`)) {
    try {
      return {
        method: 'backup',
        takenAt: await copyPages(plain(source), target, busyTimeoutMs, progress),
      };
    } catch (error) {
      if (sqlite.resultCode(error) !== sqlite.READONLY_ROLLBACK) throw error;
      return recoverCopy(input, '-journal', progress);
    }
  }
  // Rollback mode: a read-only connection takes a shared lock and creates nothing.
  return {
    method: 'backup',
    takenAt: await copyPages(plain(source), target, busyTimeoutMs, progress),
  };
}

async function take(input: Input, progress: Progress): Promise<Taken> {
  const until = Date.now() + input.busyTimeoutMs;
  for (;;) {
    try {
      return await attempt(input, progress);
    } catch (error) {
      const moved =
        error === MOVED || (error instanceof Error && 'code' in error && error.code === 'ENOENT');
      // READONLY: a journal appeared between the check and the opening.
      const again = moved || [sqlite.BUSY, sqlite.READONLY].includes(sqlite.primaryCode(error));
      for (const name of [input.target, join(input.directory, 'raw.sqlite3')])
        for (const suffix of ['', '-journal', '-wal', '-shm'])
          rmSync(`${name}${suffix}`, { force: true });
      if (!again) throw error;
      if (Date.now() >= until)
        throw new LifeboatError(
          'source_busy',
          'the database was being written to all the time',
          'Try again when fewer writes run, or end a transaction that has been open for long.',
          { cause: error },
        );
      await sleep(20 + Math.random() * 80);
    }
  }
}

function faultOf(error: unknown): Fault {
  if (error instanceof LifeboatError)
    return { code: error.code, message: error.message, hint: error.hint };
  const message = error instanceof Error ? error.message : String(error);
  const system = error instanceof Error && 'code' in error ? error.code : undefined;
  const full = system === 'ENOSPC' || system === 'EDQUOT';
  const code = sqlite.primaryCode(error);
  if (full || code === sqlite.FULL || code === sqlite.IOERR)
    return {
      code: 'insufficient_space',
      message: `the snapshot cannot be written: ${message}`,
      hint: 'Free some space in the temporary folder, or name another one in TMPDIR.',
    };
  if (code === sqlite.CORRUPT || code === sqlite.NOTADB)
    return {
      code: 'source_invalid',
      message: `the database is damaged: ${message}`,
      hint: "Restore the newest good backup, or repair it with the sqlite3 program's .recover.",
    };
  if (
    code === sqlite.CANTOPEN ||
    code === sqlite.PERM ||
    code === sqlite.AUTH ||
    system === 'EACCES' ||
    system === 'EPERM'
  )
    return {
      code: 'source_unreachable',
      message: `the database cannot be opened: ${message}`,
      hint: 'Run Lifeboat as a user who may read the database.',
    };
  return {
    code: 'internal',
    message: `the snapshot failed: ${message}`,
    hint: 'Run it again; report it if it stays.',
  };
}

serveChild((input: Input, send) => take(input, (...pages) => void send(pages)), faultOf);
