import { readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { encrypt } from '../format/encryption.ts';
import { createCodec } from '../format/codec.ts';
import { compressFrames, FRAME_SIZE } from '../format/frames.ts';
import type { ManifestObject } from '../format/manifest.ts';
import { putObject } from '../catalog/objects.ts';
import type { PageRun } from '../format/pages.ts';
import type { Store } from '../store/store.ts';

/** Below this a trip through the thread pool takes many times as long as the reading itself. */
const SMALL_READ = 64 * 1024;

/** The pages to read; without `runs`, those of the whole file. */
export type PageSource = {
  readonly path: string;
  readonly pageSize: number;
  readonly runs: readonly PageRun[] | undefined;
  readonly signal: AbortSignal;
};

export type PackInput = PageSource & {
  readonly store: Store;
  readonly recipients: readonly string[];
  readonly prefix: string;
  readonly expires: Date;
  readonly onChunk: (chunk: Uint8Array) => void;
};

/**
 * The bytes of these runs of pages (`undefined`: the whole file), in chunks of FRAME_SIZE, the last
 * shorter, each in a buffer of `allocate`.
 */
export async function* readRuns(
  { path, pageSize, runs, signal }: PageSource,
  allocate: () => Buffer,
): AsyncGenerator<Buffer> {
  await using file = await open(path, 'r');
  const whole: PageRun[] = [[1, Math.ceil((await file.stat()).size / pageSize)]];
  let chunk = allocate();
  let filled = 0;
  for (const [first, count] of runs ?? whole) {
    let at = (first - 1) * pageSize;
    const end = at + count * pageSize;
    while (at < end) {
      signal.throwIfAborted();
      const length = Math.min(FRAME_SIZE - filled, end - at);
      const bytesRead =
        length < SMALL_READ
          ? readSync(file.fd, chunk, filled, length, at)
          : (await file.read(chunk, filled, length, at)).bytesRead;
      if (bytesRead === 0) throw new Error('the snapshot ended early');
      at += bytesRead;
      filled += bytesRead;
      if (filled < FRAME_SIZE) continue;
      yield chunk;
      chunk = allocate();
      filled = 0;
    }
  }
  if (filled > 0) yield chunk.subarray(0, filled);
}

/** Compresses, encrypts and stores the pages of these runs, or of the whole file. */
export async function packData(input: PackInput): Promise<ManifestObject> {
  const { store, runs, recipients, prefix, expires, onChunk } = input;
  await using codec = createCodec();
  const watched = async function* () {
    for await (const chunk of readRuns(input, codec.allocate)) {
      onChunk(chunk);
      yield chunk;
    }
  };
  const frames = compressFrames(watched(), codec);
  const name = `${runs ? 'pages.zst' : 'database.sqlite3.zst'}${recipients.length > 0 ? '.age' : ''}`;
  const body = recipients.length > 0 ? encrypt(frames, recipients) : frames;
  return await putObject(store, { role: 'data', key: `${prefix}${name}`, expires }, body);
}
