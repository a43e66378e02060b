import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
} from 'node:fs';
import { LifeboatError, systemCode } from '../lib/errors.ts';

/**
 * Opens a regular file for reading. `path` is its real path: no symbolic link is followed at its
 * end, nor, for root, anywhere on the way, because the owner of a folder could lead root to any file
 * of the machine. Throws `source_invalid` when a link or something else is in its place.
 */
export function openRegularFile(path: string): number {
  const file = openWithoutWaiting(path);
  try {
    if (!fstatSync(file).isFile()) throw irregular(path);
    if (isRoot() && process.platform === 'linux' && (pathOf(file) ?? path) !== path)
      throw replaced(path);
    return file;
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

/** Throws `source_invalid` when a path exists and is no regular file: SQLite would wait for a FIFO. */
export function refuseIrregular(path: string): void {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status && !status.isFile()) throw irregular(path);
}

export function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

/** A path that leads to the open file itself, whatever its name leads to by now. */
export function descriptorPath(file: number): string {
  return `/proc/${process.pid}/fd/${file}`;
}

/**
 * The paths of the files that this process has open, by descriptor; empty where there is no /proc.
 * Without the descriptor that lists them: the next file to be opened gets its number.
 */
export function openPaths(): Map<number, string> {
  const paths = new Map<number, string>();
  for (const name of listDescriptors()) {
    const path = pathOf(Number(name));
    if (path !== undefined) paths.set(Number(name), path);
  }
  return paths;
}

function listDescriptors(): string[] {
  try {
    return readdirSync('/proc/self/fd');
  } catch {
    return [];
  }
}

/** Whether /proc shows where the descriptors of this process lead. A minimal chroot may lack it. */
export function showsDescriptors(): boolean {
  return process.platform !== 'linux' || existsSync('/proc/self/fd');
}

/** The error of a path on which somebody put a symbolic link after it was resolved. */
export function replaced(path: string): LifeboatError {
  return new LifeboatError(
    'source_invalid',
    `somebody replaced ${path}, or a folder above it, with a symbolic link`,
    'Check who can write to these folders. Root does not follow such a link.',
  );
}

function irregular(path: string): LifeboatError {
  return new LifeboatError(
    'source_invalid',
    `${path} is not a regular file`,
    'Remove it, or set `source` to the database file itself.',
  );
}

/** A FIFO does not block. */
function openWithoutWaiting(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    throw systemCode(error) === 'ELOOP' ? replaced(path) : error;
  }
}

function pathOf(file: number): string | undefined {
  try {
    // A file that was replaced since it was opened is as good: who compares states sees the change.
    return readlinkSync(`/proc/self/fd/${file}`).replace(/ \(deleted\)$/, '');
  } catch {
    return undefined;
  }
}
