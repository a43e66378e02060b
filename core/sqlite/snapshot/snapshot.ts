// SQLite: consistent snapshots of live files and inspections of files that may be hostile, each in a
// child process without secrets. Nothing is written to a source or beside it. Imports only lib.

import { open, realpath, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LifeboatError, toLifeboatError } from '../../lib/errors.ts';
import { runChild } from '../child.ts';
import { headerFault } from '../header.ts';
import { fileState } from '../file-state.ts';
import type { Snapshot, SnapshotInput, SnapshotOptions, SnapshotReply } from '../types.ts';

const BUSY_TIMEOUT_MS = 30_000;

/**
 * Copies a database consistently while others write to it. Neither it nor its folder is written to.
 * Throws `source_unreachable`, `source_busy`, `source_invalid`, `source_empty`,
 * `insufficient_space`, `interrupted`.
 */
export async function takeSnapshot(source: string, options: SnapshotOptions): Promise<Snapshot> {
  const path = await locate(source);
  const copy = join(options.directory, 'snapshot.sqlite3');
  const ask = (inPlace: boolean): Promise<SnapshotReply> => {
    const input: SnapshotInput = {
      source: path,
      directory: options.directory,
      target: copy,
      busyTimeoutMs: options.busyTimeoutMs ?? BUSY_TIMEOUT_MS,
      inPlace,
    };
    return runChild<SnapshotReply>('snapshot-child', {
      input,
      signal: options.signal,
      onPart: ([done, total]: [number, number]) => options.onProgress?.(done, total),
    });
  };
  const toSnapshot = async ({
    method,
    takenAt,
    fileState: before,
  }: SnapshotReply): Promise<Snapshot | undefined> => {
    const resultPath = method === 'in-place' ? path : copy;
    const holds = () => before === undefined || stateOrNone(path) === before;
    const head = await firstBytes(resultPath);
    const damage = headerFault(head.bytes, head.size);
    if (!holds()) return undefined;
    if (damage) throw new LifeboatError(damage.code, damage.message, damage.hint);
    return { path: resultPath, size: head.size, takenAt: new Date(takenAt), method, holds };
  };
  try {
    const snapshot =
      (await toSnapshot(await ask(options.inPlace ?? false))) ??
      (await toSnapshot(await ask(false)));
    if (!snapshot)
      throw new LifeboatError('internal', 'a copy did not hold', 'Please report this.');
    return snapshot;
  } catch (error) {
    for (const suffix of ['', '-journal', '-wal', '-shm'])
      await rm(`${copy}${suffix}`, { force: true });
    throw toLifeboatError(error);
  }
}

async function locate(source: string): Promise<string> {
  try {
    const path = await realpath(source);
    const status = await stat(path);
    // Opening a FIFO would hang, so its kind is checked first.
    if (status.isDirectory())
      throw new LifeboatError(
        'source_invalid',
        `${source} is a directory`,
        'Name the database file itself.',
      );
    if (!status.isFile())
      throw new LifeboatError(
        'source_invalid',
        `${source} is not a regular file`,
        'Name the database file itself.',
      );
    return path;
  } catch (error) {
    if (error instanceof LifeboatError) throw error;
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw sourceUnreachable(
        `there is no file ${source}`,
        'Check the path; a relative one is relative to the configuration.',
        error,
      );
    throw sourceUnreachable(
      `${source} cannot be read (${String(code)})`,
      'Run Lifeboat as a user who may read the database.',
      error,
    );
  }
}

function sourceUnreachable(message: string, hint: string, cause?: unknown) {
  return new LifeboatError('source_unreachable', message, hint, { cause });
}

async function firstBytes(path: string): Promise<{ bytes: Uint8Array; size: number }> {
  try {
    await using file = await open(path, 'r');
    const { buffer, bytesRead } = await file.read(Buffer.alloc(100), 0, 100, 0);
    return { bytes: buffer.subarray(0, bytesRead), size: (await file.stat()).size };
  } catch (cause) {
    throw sourceUnreachable(
      `${path} cannot be read`,
      'Run Lifeboat as a user who may read the database.',
      cause,
    );
  }
}

/** A source that can no longer be examined, such as one on a lost network mount, is not the same. */
function stateOrNone(path: string): string | undefined {
  try {
    return fileState(path);
  } catch {
    return undefined;
  }
}
