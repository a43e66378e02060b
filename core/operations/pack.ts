import { open } from 'node:fs/promises';
import { encrypt } from '../archive/encryption.ts';
import { compressFrames, FRAME_SIZE } from '../archive/frames.ts';
import type { ManifestObject } from '../archive/manifest.ts';
import { putObject } from '../archive/objects.ts';
import type { PageRun } from '../archive/pages.ts';
import type { Store } from '../store/store.ts';

/** The bytes of these runs of pages (`undefined`: the whole file), in chunks of at most FRAME_SIZE, each a buffer of its own. */
export async function* readRuns(
  path: string,
  pageSize: number,
  runs: readonly PageRun[] | undefined,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  await using file = await open(path, 'r');
  const whole: PageRun[] = [[1, Math.ceil((await file.stat()).size / pageSize)]];
  for (const [first, count] of runs ?? whole) {
    let at = (first - 1) * pageSize;
    const end = at + count * pageSize;
    while (at < end) {
      signal.throwIfAborted();
      const length = Math.min(FRAME_SIZE, end - at);
      const chunk = Buffer.allocUnsafe(length);
      const { bytesRead } = await file.read(chunk, 0, length, at);
      if (bytesRead === 0) throw new Error('the snapshot ended early');
      yield chunk.subarray(0, bytesRead);
      at += bytesRead;
    }
  }
}

export type Packing = {
  readonly store: Store;
  readonly path: string;
  readonly pageSize: number;
  readonly runs: readonly PageRun[] | undefined;
  readonly recipients: readonly string[];
  readonly prefix: string;
  readonly expires: Date;
  readonly signal: AbortSignal;
  readonly onChunk: (chunk: Uint8Array) => void;
};

/** Compresses, encrypts and stores the pages of these runs, or of the whole file. */
export const packData = (packing: Packing): Promise<ManifestObject> => {
  const { store, path, pageSize, runs, recipients, prefix, expires, signal, onChunk } = packing;
  const watched = async function* () {
    for await (const chunk of readRuns(path, pageSize, runs, signal)) {
      onChunk(chunk);
      yield chunk;
    }
  };
  const frames = compressFrames(watched());
  const name = `${runs ? 'pages.zst' : 'database.sqlite3.zst'}${recipients.length > 0 ? '.age' : ''}`;
  return putObject(store, 'data', `${prefix}${name}`, recipients.length > 0 ? encrypt(frames, recipients) : frames, expires);
};
