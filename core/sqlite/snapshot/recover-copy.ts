import { closeSync, existsSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { LifeboatError } from '../../lib/errors.ts';
import { writeAllSync } from '../../lib/files.ts';
import { refuseOver, type SizeLimit } from '../../lib/size-limit.ts';
import { copyPages, type PageProgress } from './copy-pages.ts';
import { openRegularFile } from '../descriptor.ts';
import { fileState, MOVED, settle } from '../file-state.ts';
import { namesSuperJournal } from '../journal.ts';
import type { SnapshotInput, SnapshotReply } from '../types.ts';

const COPY_BLOCK_SIZE = 2 ** 20;

/**
 * Copies the file and its sibling while nothing changes them, and lets the engine recover the copy.
 */
export async function recoverCopy(
  { source, directory, target, busyTimeoutMs, limit }: SnapshotInput,
  suffix: '-wal' | '-journal',
  onProgress: PageProgress,
): Promise<SnapshotReply> {
  const copy = join(directory, 'raw.sqlite3');
  // A former attempt, during which the source changed.
  removeCopy(copy);
  await settle(source);
  const before = fileState(source);
  const takenAt = Date.now();
  // The copies of both files and the recovered one exist at the same time.
  if (limit?.code === 'insufficient_space')
    refuseOver(limit, 2 * (sizeAt(source) + sizeAt(`${source}${suffix}`)));
  copyRegular(source, copy, limit);
  if (existsSync(`${source}${suffix}`))
    copyRegular(`${source}${suffix}`, `${copy}${suffix}`, limit);
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
  await copyPages(pathToFileURL(copy), target, { busyTimeoutMs, limit, onProgress });
  removeCopy(copy);
  return { method: 'recovered', takenAt };
}

function sizeAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function removeCopy(copy: string): void {
  for (const each of ['', '-wal', '-shm', '-journal']) rmSync(`${copy}${each}`, { force: true });
}

function copyRegular(from: string, to: string, limit: SizeLimit | undefined): void {
  const source = openRegularFile(from);
  try {
    const copy = openSync(to, 'wx', 0o600);
    try {
      copyBlocks(source, copy, limit);
    } finally {
      closeSync(copy);
    }
  } finally {
    closeSync(source);
  }
}

function copyBlocks(source: number, copy: number, limit: SizeLimit | undefined): void {
  const block = Buffer.allocUnsafe(COPY_BLOCK_SIZE);
  for (let total = 0; ;) {
    const length = readSync(source, block);
    if (length === 0) return;
    refuseOver(limit, total + length);
    writeAllSync(copy, block.subarray(0, length), total);
    total += length;
  }
}
