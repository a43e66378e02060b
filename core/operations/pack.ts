import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { encrypt } from '../archive/encryption.ts';
import { compressFrames, FRAME_SIZE } from '../archive/frames.ts';
import type { ManifestObject } from '../archive/manifest.ts';
import { putObject } from '../archive/objects.ts';
import { fingerprints, type PageRun } from '../archive/pages.ts';
import type { Store } from '../store/store.ts';

/** SHA-256 of the file and the fingerprints of its pages, in one reading. */
export const digestPages = async (path: string, pageSize: number, salt: Buffer, key: Buffer | undefined, signal: AbortSignal) => {
  const sha = createHash('sha256');
  const prints: Buffer[] = [];
  for await (const chunk of readRuns(path, pageSize, undefined, signal)) {
    sha.update(chunk);
    prints.push(fingerprints(chunk, pageSize, salt, key));
  }
  return { sha256: sha.digest('hex'), prints: Buffer.concat(prints) };
};

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
      const chunk = Buffer.allocUnsafe(Math.min(FRAME_SIZE, end - at));
      const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
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
  readonly prints: Buffer | undefined;
  readonly expires: Date;
  readonly signal: AbortSignal;
  readonly onBytes: (bytes: number) => void;
};

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Writes the data object and, when there are fingerprints, theirs. */
export const pack = async (packing: Packing): Promise<ManifestObject[]> => {
  const { store, recipients, prefix, runs, prints, expires } = packing;
  const counted = async function* () {
    for await (const chunk of readRuns(packing.path, packing.pageSize, runs, packing.signal)) {
      packing.onBytes(chunk.length);
      yield chunk;
    }
  };
  const frames = compressFrames(counted());
  const name = `${runs ? 'pages.zst' : 'database.sqlite3.zst'}${recipients.length > 0 ? '.age' : ''}`;
  const data = await putObject(store, 'data', `${prefix}${name}`, recipients.length > 0 ? encrypt(frames, recipients) : frames, expires);
  return prints ? [data, await putObject(store, 'fingerprints', `${prefix}fingerprints`, once(prints), expires)] : [data];
};
