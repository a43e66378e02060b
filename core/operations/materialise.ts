import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { decrypt } from '../archive/encryption.ts';
import { decompressFrames, FRAME_SIZE } from '../archive/frames.ts';
import type { Manifest } from '../archive/manifest.ts';
import { getObject } from '../archive/objects.ts';
import { countPages, type PageRun } from '../archive/pages.ts';
import { LifeboatError } from '../errors.ts';
import type { Context, Progress } from './context.ts';

const HINT = 'Restore another backup with --at, and run `lifeboat verify --read-data` on this one.';

/** Writes a stream of pages to where their runs say. */
const placePages = async (
  file: FileHandle,
  runs: readonly PageRun[],
  pageSize: number,
  body: AsyncIterable<Uint8Array>,
  onBytes: (bytes: number) => void,
): Promise<void> => {
  const pending = runs.map(([first, count]) => ({ at: (first - 1) * pageSize, left: count * pageSize }));
  for await (let chunk of body) {
    onBytes(chunk.length);
    while (chunk.length > 0) {
      const run = pending[0];
      if (!run) throw new LifeboatError('backup_damaged', 'the stored data is longer than the manifest says', HINT);
      const take = Math.min(run.left, chunk.length);
      await file.write(chunk, 0, take, run.at);
      run.at += take;
      run.left -= take;
      chunk = chunk.subarray(take);
      if (run.left === 0) pending.shift();
    }
  }
  if (pending.length > 0) throw new LifeboatError('backup_damaged', 'the stored data is shorter than the manifest says', HINT);
};

/** The runs of pages that a backup's data holds. */
const storedRuns = ({ pages, pageCount }: Manifest): readonly PageRun[] => pages ?? (pageCount > 0 ? [[1, pageCount]] : []);

/** The pages inside frame `frame` of a backup's data, for naming damage. */
const pagesOfFrame = (manifest: Manifest, frame: number): number[] => {
  const [from, to] = [(frame * FRAME_SIZE) / manifest.pageSize, ((frame + 1) * FRAME_SIZE) / manifest.pageSize];
  const pages: number[] = [];
  let index = 0;
  for (const [first, count] of storedRuns(manifest)) {
    for (let n = Math.max(0, from - index); n < Math.min(count, to - index); n += 1) pages.push(first + n);
    index += count;
  }
  return pages;
};

const content = (context: Context, manifest: Manifest): AsyncIterable<Uint8Array> => {
  const object = manifest.objects.find(({ role }) => role === 'data');
  if (!object) throw new LifeboatError('backup_damaged', `the manifest of ${manifest.id} names no data`, HINT);
  const stored = getObject(context.store, object);
  return decompressFrames(manifest.encryption ? decrypt(stored, context.keys.identities) : stored);
};

/** SHA-256 of a whole file, by its descriptor. */
export const hashFile = async (file: FileHandle, signal?: AbortSignal): Promise<string> => {
  const sha = createHash('sha256');
  const chunk = Buffer.allocUnsafe(FRAME_SIZE);
  for (let at = 0; ;) {
    signal?.throwIfAborted();
    const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
    if (bytesRead === 0) return sha.digest('hex');
    sha.update(chunk.subarray(0, bytesRead));
    at += bytesRead;
  }
};

/**
 * Builds the file of the chain's last backup at `path`, which must not exist, and makes it durable.
 * Throws `backup_damaged` unless it is byte for byte the snapshot; the caller removes the file then.
 */
export const materialise = async (
  context: Context,
  chain: readonly Manifest[],
  path: string,
  onProgress?: Progress,
  signal?: AbortSignal,
): Promise<void> => {
  const last = chain.at(-1);
  if (!last) throw new LifeboatError('internal', 'an empty chain', 'Please report this.');
  await using file = await open(path, 'wx+', 0o600);
  const total = chain.reduce((sum, each) => sum + countPages(storedRuns(each)) * each.pageSize, 0);
  let done = 0;
  for (const manifest of chain) {
    const onBytes = (bytes: number) => {
      signal?.throwIfAborted();
      onProgress?.('restore', (done += bytes), total);
    };
    try {
      await placePages(file, storedRuns(manifest), manifest.pageSize, content(context, manifest), onBytes);
    } catch (error) {
      if (!(error instanceof LifeboatError) || typeof error.facts['frame'] !== 'number') throw error;
      const pages = pagesOfFrame(manifest, error.facts['frame']);
      const named = pages.length > 8 ? `${pages.slice(0, 8).join(', ')} and ${pages.length - 8} more` : pages.join(', ');
      throw new LifeboatError('backup_damaged', `${manifest.id}: ${error.message}; damaged pages: ${named}`, error.hint, {
        cause: error,
        facts: { pages },
      });
    }
    await file.truncate(manifest.size);
  }
  if ((await hashFile(file, signal)) !== last.sha256)
    throw new LifeboatError('backup_damaged', `the restored file of ${last.id} has another SHA-256 than the snapshot`, HINT);
  await file.sync();
};
