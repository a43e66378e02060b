import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LifeboatError } from '../../lib/errors.ts';
import { refuseOver } from '../../lib/bytes/size-limit.ts';
import { fileState, MOVED, settle } from '../file-state.ts';
import { namesSuperJournal } from '../journal.ts';
import type { PageProgress, SnapshotInput, SnapshotReply } from '../types.ts';
import { copyUnlocked } from './copy-file.ts';

/**
 * Copies the file and its sibling while nothing changes them, and lets the engine recover the copy.
 */
export async function recoverCopy(
  { source, directory, target, limit }: SnapshotInput,
  suffix: '-wal' | '-journal',
  onProgress: PageProgress,
): Promise<SnapshotReply> {
  const copy = join(directory, 'raw.sqlite3');
  // A former attempt, during which the source changed.
  removeCopy(copy);
  await settle(source);
  const before = fileState(source);
  const takenAt = Date.now();
  // The database grows by its -wal at most, while both exist.
  if (limit?.code === 'insufficient_space')
    refuseOver(limit, sizeAt(source) + 2 * sizeAt(`${source}${suffix}`));
  await copyUnlocked(source, copy, { limit, onProgress });
  if (existsSync(`${source}${suffix}`))
    await copyUnlocked(`${source}${suffix}`, `${copy}${suffix}`, {
      limit,
      onProgress: () => undefined,
    });
  if (fileState(source) !== before) throw MOVED;
  if (suffix === '-journal' && namesSuperJournal(`${copy}${suffix}`))
    throw new LifeboatError(
      'source_invalid',
      `the journal of ${source} belongs to a transaction over several databases`,
      'Open the database once with the application, which finishes that transaction, then back up again.',
    );
  mergeSibling(copy);
  renameSync(copy, target);
  return { method: 'recovered', takenAt };
}

/**
 * Brings a copied -wal or hot journal into the copied database: opening rolls a journal back, and a
 * checkpoint writes the rows of a -wal. The copy need not survive a power cut, so nothing waits for
 * the disk. Throws `MOVED` when the -wal has fewer sound frames than `leastFrames`.
 */
export function mergeSibling(copy: string, leastFrames?: number): void {
  const db = new DatabaseSync(copy, { allowExtension: false, defensive: true });
  try {
    db.exec('pragma trusted_schema = off; pragma synchronous = off');
    db.exec('select 1 from sqlite_schema limit 1');
    const { log: frames = 0 } = db.prepare('pragma wal_checkpoint(passive)').get() ?? {};
    if (leastFrames !== undefined && Number(frames) < leastFrames) throw MOVED;
    db.exec('pragma wal_checkpoint(truncate)');
  } finally {
    db.close();
  }
  const rest = ['-wal', '-journal'].filter((suffix) => sizeAt(`${copy}${suffix}`) > 0);
  if (rest.length > 0) throw new Error(`the ${rest.join(' and ')} could not be merged`);
  for (const suffix of ['-wal', '-shm', '-journal']) rmSync(`${copy}${suffix}`, { force: true });
}

function sizeAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function removeCopy(copy: string): void {
  for (const each of ['', '-wal', '-shm', '-journal']) rmSync(`${copy}${each}`, { force: true });
}
