import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LifeboatError, systemCode } from '../../lib/errors.ts';

export const TEMPORARY = '.tmp-';
const FLUSH_EVERY = 64 << 20;

/** Translates a failed file operation into the store's terms. */
export function storeFailure(error: unknown, what: string): unknown {
  if (error instanceof LifeboatError) return error;
  const code = systemCode(error);
  if (code === undefined) return error;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new LifeboatError(
      'insufficient_space',
      `no space left for ${what}`,
      'Free some space in the store, or run `lifeboat prune`, then run it again.',
      { cause: error },
    );
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return new LifeboatError(
      'store_denied',
      `the store refuses ${what}`,
      'Give the user that runs Lifeboat the right to read and write the folder.',
      { cause: error },
    );
  return new LifeboatError(
    'store_unreachable',
    `the store failed at ${what} (${code})`,
    'Check the disk or the mount of the store, then run it again.',
    { cause: error },
  );
}

export async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, 'r');
  await folder.sync();
}

/** Makes a folder and its parents, each durable in the one above. */
export async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let at = path; at.length >= first.length; at = dirname(at)) await syncFolder(dirname(at));
}

/** Writes a synced temporary file beside `path`; the caller links or renames it, or removes it. */
export async function writeTemporary(
  path: string,
  body: Uint8Array | AsyncIterable<Uint8Array>,
  onChunk: (chunk: Uint8Array) => void,
): Promise<string> {
  await makeFolder(dirname(path));
  const temporary = join(dirname(path), `${TEMPORARY}${randomBytes(6).toString('hex')}`);
  const file = await open(temporary, 'wx', 0o600);
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

/** Replaces a small file atomically and durably. */
export async function replaceFile(path: string, body: Uint8Array): Promise<void> {
  const temporary = await writeTemporary(path, body, () => undefined);
  try {
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}
