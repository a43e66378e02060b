import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  openSync,
  readSync,
  rmSync,
} from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { writeAllSync } from '../../lib/files/files.ts';
import { refuseOver, type SizeLimit } from '../../lib/bytes/size-limit.ts';
import { descriptorPath, openRegularFile } from '../descriptor.ts';
import type { PageProgress } from '../types.ts';

export type FileCopying = {
  readonly limit: SizeLimit | undefined;
  readonly onProgress: PageProgress;
};

// Fits into the cache of a core, where a larger block would be written from memory.
const COPY_BLOCK_SIZE = 2 ** 18;
const REPORT_BYTES = 16 * COPY_BLOCK_SIZE;

/**
 * Copies a file to `target`, which must not exist; as a clone where the file system can share the
 * blocks. Nothing keeps writers away, so the caller compares file states.
 */
export async function copyUnlocked(
  source: string,
  target: string,
  copying: FileCopying,
): Promise<void> {
  const file = openRegularFile(source);
  try {
    const { size } = fstatSync(file);
    refuseOver(copying.limit, size);
    if (clone(file, target)) copying.onProgress(size, size);
    else await copyBlocks(file, target, copying);
  } finally {
    closeSync(file);
  }
}

/**
 * Copies an open file, or its first `end` bytes, block by block, to `target`, which must not exist.
 * Opens and closes nothing but the target: to close a file drops all locks of this process on it.
 */
export async function copyBlocks(
  file: number,
  target: string,
  { limit, onProgress }: FileCopying,
  end = Infinity,
): Promise<void> {
  const { size } = fstatSync(file);
  const copy = openSync(target, 'wx', 0o600);
  try {
    const block = Buffer.allocUnsafe(COPY_BLOCK_SIZE);
    for (let total = 0; ;) {
      const length = readSync(file, block, 0, Math.min(block.length, end - total), total);
      if (length === 0) return;
      refuseOver(limit, total + length);
      writeAllSync(copy, block.subarray(0, length), total);
      total += length;
      if (total % REPORT_BYTES !== 0 && total < size) continue;
      onProgress(total, Math.max(total, size));
      // A message leaves between two blocks only.
      await nextTurn();
    }
  } finally {
    closeSync(copy);
  }
}

/** False where the file system cannot share blocks, as on ext4 or between two file systems. */
function clone(file: number, target: string): boolean {
  if (process.platform !== 'linux') return false;
  try {
    const mode = constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE;
    copyFileSync(descriptorPath(file), target, mode);
    chmodSync(target, 0o600);
    return true;
  } catch {
    rmSync(target, { force: true });
    return false;
  }
}
