// SQLite: consistent snapshots of live files and inspections of files that may be hostile, each in a
// child process without secrets. Nothing is written to a source or beside it. Imports only lib.

import { closeSync, constants } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LifeboatError, toLifeboatError, systemCode } from '../../lib/errors.ts';
import { runChild } from '../child.ts';
import { descriptorPath, openRegularFile, showsDescriptors } from '../descriptor.ts';
import { fileState } from '../file-state.ts';
import { headerError, headerFault } from '../header.ts';
import type { Snapshot, SnapshotInput, SnapshotOptions, SnapshotReply } from '../types.ts';
import { locate, mayBeReplaced } from './locate.ts';
import { ownUserName } from '../../lib/user-name.ts';

const BUSY_TIMEOUT_MS = 30_000;

/**
 * Copies a database consistently while others write to it. Neither it nor its folder is written to.
 * Throws `source_unreachable`, `source_busy`, `source_invalid`, `source_empty`,
 * `insufficient_space`, `interrupted`.
 */
export async function takeSnapshot(source: string, options: SnapshotOptions): Promise<Snapshot> {
  const { resources, limit, inPlace = false } = options;
  const path = await locate(source);
  const keepsOpen = await mayBeReplaced(path);
  if (keepsOpen) requireDescriptors(path);
  const copy = join(options.directory, 'snapshot.sqlite3');
  const ask = (allowed: boolean): Promise<SnapshotReply> => {
    const input: SnapshotInput = {
      source: path,
      directory: options.directory,
      target: copy,
      busyTimeoutMs: options.busyTimeoutMs ?? BUSY_TIMEOUT_MS,
      inPlace: allowed,
      limit,
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
    const resultPath =
      method === 'in-place' ? (keepsOpen ? keepOpen(path, resources) : path) : copy;
    const holds = () => before === undefined || stateOrNone(path) === before;
    const head = await firstBytes(resultPath);
    const damage = headerFault(head.bytes, head.size);
    if (!holds()) return undefined;
    if (damage) throw headerError(damage, path);
    return { path: resultPath, size: head.size, takenAt: new Date(takenAt), method, holds };
  };
  try {
    const snapshot =
      (await toSnapshot(await ask(inPlace && (!keepsOpen || resources !== undefined)))) ??
      (await toSnapshot(await ask(false)));
    if (!snapshot)
      throw new LifeboatError(
        'internal',
        `${path} kept changing while Lifeboat copied it`,
        'Run the backup again. If it fails again, please report this.',
      );
    return snapshot;
  } catch (error) {
    for (const suffix of ['', '-journal', '-wal', '-shm'])
      await rm(`${copy}${suffix}`, { force: true });
    throw toLifeboatError(error);
  }
}

/** Whether nobody but Lifeboat can write to a snapshot, or shorten it. */
export function isPrivateCopy({ method }: Pick<Snapshot, 'method'>): boolean {
  return method !== 'in-place';
}

/** Without them, root could not see that it was led to another file of the machine. */
function requireDescriptors(path: string): void {
  if (showsDescriptors()) return;
  throw new LifeboatError(
    'source_invalid',
    `root does not read ${path}: other users can replace it, and /proc, which would show that, is not mounted`,
    'Mount /proc (`mount -t proc proc /proc`), or run Lifeboat as the owner of the database.',
  );
}

/** A path under which the file stays readable, whatever is put in its place, while `resources` last. */
function keepOpen(path: string, resources: DisposableStack | undefined): string {
  const file = openRegularFile(path);
  resources?.defer(() => closeSync(file));
  return descriptorPath(file);
}

async function firstBytes(path: string): Promise<{ bytes: Uint8Array; size: number }> {
  try {
    // A copy was written by a process that opened a file which may be hostile.
    const follow = path.startsWith('/proc/') ? 0 : constants.O_NOFOLLOW;
    await using file = await open(path, constants.O_RDONLY | follow);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(100), 0, 100, 0);
    return { bytes: buffer.subarray(0, bytesRead), size: (await file.stat()).size };
  } catch (cause) {
    throw new LifeboatError(
      'source_unreachable',
      `user ${ownUserName()} cannot read ${path} (${systemCode(cause) ?? String(cause)})`,
      'Run Lifeboat as a user who can read the database.',
      { cause },
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
