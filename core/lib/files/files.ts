// What Node's file functions leave to the caller: writing all bytes, reading in large pieces without
// new memory for each, temporary files, and which files are open. Imports lib only.

import { writeSync } from 'node:fs';
import { lstat, type FileHandle } from 'node:fs/promises';

/** Whether a path exists; true for a dangling symbolic link as well. */
export function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/** Writes all bytes at `position`: a single call of `write` may write only a part. */
export async function writeAll(
  file: FileHandle,
  bytes: Uint8Array,
  position: number,
): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at, position + at);
    if (bytesWritten === 0) throw nothingWritten();
    at += bytesWritten;
  }
}

/** Like `writeAll`, for a thread or a process that has nothing else to do. */
export function writeAllSync(file: number, bytes: Uint8Array, position: number): void {
  for (let at = 0; at < bytes.length;) {
    const count = writeSync(file, bytes, at, bytes.length - at, position + at);
    if (count === 0) throw nothingWritten();
    at += count;
  }
}

/** Some network file systems write nothing instead of failing, and would do so for ever. */
function nothingWritten(): Error {
  return Object.assign(new Error('nothing was written'), { code: 'EIO' });
}
