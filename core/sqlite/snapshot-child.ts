import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LifeboatError, systemCode } from '../lib/errors.ts';
import { serveChild } from './child.ts';
import { copyUnlocked } from './snapshot/copy-file.ts';
import { copyDatabase, lockForAMoment } from './snapshot/copy-pages.ts';
import { refuseIrregular } from './descriptor.ts';
import { fileState, isSettled, MOVED, settle } from './file-state.ts';
import { keepsTimesHere } from './snapshot/file-system.ts';
import { journalIsLive } from './journal.ts';
import { refuseOtherNames } from './snapshot/other-names.ts';
import { becomeOwner } from './snapshot/owner.ts';
import { recoverCopy } from './snapshot/recover-copy.ts';
import * as sqlite from './result-codes.ts';
import { snapshotFault } from './snapshot/faults.ts';
import { isWal, refuseIncomplete } from './snapshot/source-header.ts';
import type { PageProgress, SnapshotInput, SnapshotReply } from './types.ts';
import { ENGLISH, formatTook } from '../lib/text/format.ts';

/** How long nobody may have written to a database that is read in place. */
const QUIET_MS = 3000;

serveChild(
  (input: SnapshotInput, send) => takeWhenQuiet(input, (...pages) => void send(pages)),
  snapshotFault,
);

/** Tries again while writers get in the way, until the time to wait is over. */
async function takeWhenQuiet(
  input: SnapshotInput,
  onProgress: PageProgress,
): Promise<SnapshotReply> {
  const until = Date.now() + input.busyTimeoutMs;
  for (;;) {
    try {
      return await takeNow(input, onProgress);
    } catch (error) {
      const moved = error === MOVED || systemCode(error) === 'ENOENT';
      // READONLY: a journal appeared between the check and the opening.
      const again = moved || [sqlite.BUSY, sqlite.READONLY].includes(sqlite.primaryCode(error));
      for (const name of [input.target, join(input.directory, 'raw.sqlite3')])
        for (const suffix of ['', '-journal', '-wal', '-shm'])
          rmSync(`${name}${suffix}`, { force: true });
      if (!again) throw error;
      if (Date.now() >= until)
        throw new LifeboatError(
          'source_busy',
          `${input.source} was being written to for ${formatTook(ENGLISH, input.busyTimeoutMs)} without a pause`,
          'End long transactions on the database, or back up at a quieter time.',
          { cause: error },
        );
      await sleep(20 + Math.random() * 80);
    }
  }
}

/** Takes the way that suits the state in which the database is now. */
async function takeNow(input: SnapshotInput, onProgress: PageProgress): Promise<SnapshotReply> {
  const { source } = input;
  for (const suffix of ['-wal', '-shm', '-journal']) refuseIrregular(`${source}${suffix}`);
  const alone = !existsSync(`${source}-wal`) && !existsSync(`${source}-journal`);
  if (alone) await refuseIncomplete(source);
  if (alone && isWal(source)) refuseOtherNames(source);
  const isQuiet = alone && isSettled(source, Date.now(), QUIET_MS);
  if (input.inPlace && isQuiet && keepsTimesHere(source)) return inPlace(input);
  if (existsSync(`${source}-wal`)) return fromWal(input, onProgress);
  if (isWal(source)) return fromIdle(input, onProgress);
  try {
    // Rollback mode: a read-only connection takes a shared lock and creates nothing.
    return await fromLive(input, onProgress);
  } catch (error) {
    const isHot = sqlite.resultCode(error) === sqlite.READONLY_ROLLBACK;
    if (!isHot || !journalIsLive(`${source}-journal`)) throw error;
    return recoverCopy(input, '-journal', onProgress);
  }
}

async function fromLive(input: SnapshotInput, onProgress: PageProgress): Promise<SnapshotReply> {
  const { source, target, busyTimeoutMs, limit } = input;
  becomeOwner(input);
  const takenAt = await copyDatabase(source, target, { busyTimeoutMs, limit, onProgress });
  return { method: 'backup', takenAt };
}

/**
 * A database that nobody writes to is its own snapshot as long as its file state stays the same. In
 * rollback mode a shared lock first proves that no writer is inside a transaction without a
 * journal.
 */
function inPlace(input: SnapshotInput): SnapshotReply {
  const { source, busyTimeoutMs } = input;
  const before = fileState(source);
  if (!isWal(source)) {
    becomeOwner(input);
    lockForAMoment(source, busyTimeoutMs);
  }
  if (fileState(source) !== before) throw MOVED;
  return { method: 'in-place', takenAt: Date.now(), fileState: before };
}

async function fromIdle(input: SnapshotInput, onProgress: PageProgress): Promise<SnapshotReply> {
  await settle(input.source);
  const before = fileState(input.source);
  const { source, target, limit } = input;
  becomeOwner(input);
  const takenAt = Date.now();
  await copyUnlocked(source, target, { limit, onProgress });
  // No lock is held, so the copy is consistent only if nobody wrote meanwhile.
  if (fileState(input.source) !== before) throw MOVED;
  return { method: 'immutable', takenAt };
}

/**
 * An active writer changes the -wal all the time. An idle pair is copied instead, which leaves even
 * the -shm unchanged.
 */
async function fromWal(input: SnapshotInput, onProgress: PageProgress): Promise<SnapshotReply> {
  const before = fileState(input.source);
  await sleep(100);
  if (fileState(input.source) === before) {
    try {
      return await recoverCopy(input, '-wal', onProgress);
    } catch (error) {
      if (error !== MOVED) throw error;
    }
  }
  if (!existsSync(`${input.source}-shm`) || !becomeOwner(input))
    return recoverCopy(input, '-wal', onProgress);
  return fromLive(input, onProgress);
}
