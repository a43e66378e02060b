import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { retry } from '../../lib/async.ts';
import { systemCode } from '../../lib/errors.ts';
import {
  formatIdentity,
  ownIdentity,
  parseIdentity,
  processState,
} from '../../lib/processes/process-identity.ts';

/** Older versions did not name the process. */
const TEMPORARY = /^\.tmp-(?:(\d+-\d+-[0-9a-f]{8})-)?[0-9a-f]{12}$/;
const FLUSH_EVERY = 64 << 20;
const FOLDER_ATTEMPTS = 10;

/** Writes a synced temporary file beside `path`; the caller links or renames it, or removes it. */
export async function writeTemporary(
  path: string,
  body: Uint8Array | AsyncIterable<Uint8Array>,
  onChunk: (chunk: Uint8Array) => void,
): Promise<string> {
  const temporary = temporaryBeside(path);
  const file = await createFile(temporary);
  let [flushing, unflushed] = [Promise.resolve(), 0];
  try {
    for await (const chunk of body instanceof Uint8Array ? [body] : body) {
      onChunk(chunk);
      await file.writeFile(chunk);
      unflushed += chunk.length;
      if (unflushed < FLUSH_EVERY) continue;
      // The disk works while the next bytes are made, so that little is left to wait for at the
      // end.
      await flushing;
      flushing = file.datasync();
      // Its failure is met when its turn comes; without this it would be unhandled until then.
      flushing.catch(() => undefined);
      unflushed = 0;
    }
    await flushing;
    await file.sync();
  } catch (error) {
    await flushing.catch(() => undefined);
    await file.close();
    await rm(temporary, { force: true });
    throw error;
  }
  await file.close();
  return temporary;
}

/** Whether `writeTemporary` gives such names. */
export function isTemporaryFile(name: string): boolean {
  return TEMPORARY.test(name);
}

/** Whether the process that writes a temporary file is known to run. */
export function isBeingWritten(name: string): boolean {
  return writerState(name) === 'running';
}

/** Whether the process that wrote a temporary file is known to have ended. */
export function hasLostWriter(name: string): boolean {
  return writerState(name) === 'ended';
}

/** The time in a folder by the clock of the store, as a file that is written there now has it. */
export async function timeIn(folder: string): Promise<Date> {
  const path = temporaryBeside(join(folder, 'time'));
  const file = await createFile(path);
  try {
    return (await file.stat()).mtime;
  } finally {
    await file.close();
    await rm(path, { force: true });
  }
}

/** Replaces a small file atomically and durably. `confirm` may throw before it becomes visible. */
export async function replaceFile(
  path: string,
  body: Uint8Array,
  confirm: () => Promise<void>,
): Promise<void> {
  const temporary = await writeTemporary(path, body, () => undefined);
  try {
    await confirm();
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await flushFolder(dirname(path));
}

/**
 * Creates a file and the folders above it; fails with EEXIST when it exists. Other processes delete
 * empty folders, and so perhaps one that was just made: then it is made again.
 */
export function createFile(path: string): Promise<FileHandle> {
  const attempt = async (): Promise<FileHandle> => {
    await makeFolder(dirname(path));
    return open(path, 'wx', 0o600);
  };
  return retry(attempt, {
    pauseMs: (error, failures) =>
      systemCode(error) === 'ENOENT' && failures < FOLDER_ATTEMPTS ? failures : undefined,
  });
}

/**
 * Opens a file for reading: `undefined` when there is none, `irregular` for a link, a folder, a
 * device or a pipe, which could block a reader for ever or lead out of the store.
 */
export async function openRegular(path: string): Promise<FileHandle | 'irregular' | undefined> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    // A link, and a socket.
    if (code === 'ELOOP' || code === 'ENXIO') return 'irregular';
    throw error;
  }
  if ((await file.stat()).isFile()) return file;
  await file.close();
  return 'irregular';
}

/** `damaged` when it is larger than `most` bytes, or no regular file. */
export async function readSmallFile(
  path: string,
  most: number,
): Promise<Buffer | 'damaged' | undefined> {
  const file = await openRegular(path);
  if (file === undefined) return undefined;
  if (file === 'irregular') return 'damaged';
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(most + 1), 0, most + 1, 0);
    return bytesRead > most ? 'damaged' : buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function temporaryBeside(path: string): string {
  const random = randomBytes(6).toString('hex');
  return join(dirname(path), `.tmp-${formatIdentity(ownIdentity())}-${random}`);
}

export async function flushFolder(path: string): Promise<void> {
  await using folder = await open(path, 'r');
  await folder.sync();
}

/**
 * Makes a folder and its parents, each durable in the one above. Not by the recursive `mkdir` of
 * Node, which never ends where the system reports ENOENT though the parent exists, as below /proc.
 */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return;
    if (systemCode(error) !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await mkdir(path, { mode: 0o700 }).catch((again: unknown) => {
      if (systemCode(again) !== 'EEXIST') throw again;
    });
  }
  await flushFolder(dirname(path));
}

function writerState(name: string): ReturnType<typeof processState> {
  const owner = parseIdentity(TEMPORARY.exec(name)?.[1] ?? '');
  return owner ? processState(owner) : 'unknown';
}
