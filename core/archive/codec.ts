import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { LifeboatError } from '../errors.ts';
import { AHEAD, FRAME_SIZE, type Codec } from './frames.ts';

export type Job = { readonly id: number; readonly kind: 'compress' | 'decompress'; readonly input: ArrayBuffer; readonly length: number };
export type Done = { readonly id: number; readonly input: ArrayBuffer } & (
  | { readonly output: Uint8Array<ArrayBuffer> }
  | { readonly error: string }
);

// Level 1, because compression is what a backup waits for (docs/decisions/compression.md). Where the output has room for the worst case
// (ZSTD_compressBound), zstd works straight from one buffer into the other; otherwise by way of its own, which takes a fifth more time.
const COMPRESS = {
  chunkSize: FRAME_SIZE + FRAME_SIZE / 256,
  params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 },
};
// A piece more than a frame: when it fits exactly, zlib makes room for more, and asks again.
const DECOMPRESS = { chunkSize: FRAME_SIZE + 64, maxOutputLength: FRAME_SIZE };
export const compressNow = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => zstdCompressSync(bytes, COMPRESS);
export const decompressNow = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => zstdDecompressSync(bytes, DECOMPRESS);

/** So many frames are done here: to start threads for less would take longer than the work. */
const FEW = 4;
const MODULE = new URL(`./codec-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
const died = (cause?: unknown) =>
  new LifeboatError('internal', 'a thread that compresses ended', 'It may have run out of memory; run it again.', { cause });

type Waiting = { resolve(output: Uint8Array): void; reject(error: unknown): void };

/**
 * zstd on threads of its own, one a core. zlib's asynchronous calls take twice the processor time of its synchronous ones, since they meet fresh
 * memory each time; here the buffers of `allocate` go to a thread and come back. Whoever made it disposes of it; what waits then is rejected.
 */
export const createCodec = (threads = Math.min(AHEAD, availableParallelism())): Codec & AsyncDisposable => {
  const workers: { readonly worker: Worker; readonly waiting: Map<number, Waiting> }[] = [];
  const free: ArrayBuffer[] = [];
  const own = new WeakSet<ArrayBufferLike>();
  let jobs = 0;
  // What is given to a thread that ended would be waited for without end.
  let ended: LifeboatError | undefined;

  const keep = (buffer: ArrayBuffer): void => {
    own.add(buffer);
    if (buffer.byteLength === FRAME_SIZE) free.push(buffer);
  };
  const end = (waiting: Map<number, Waiting>, error: LifeboatError): void => {
    ended ??= error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  const start = (): void => {
    for (let n = 0; n < threads; n += 1) {
      const waiting = new Map<number, Waiting>();
      const worker = new Worker(MODULE, { stdout: true, stderr: true });
      worker.on('message', (done: Done) => {
        const job = waiting.get(done.id);
        waiting.delete(done.id);
        keep(done.input);
        if ('output' in done) job?.resolve(done.output);
        else job?.reject(new Error(done.error));
      });
      worker.on('error', (error) => end(waiting, died(error)));
      worker.on('exit', () => end(waiting, died()));
      workers.push({ worker, waiting });
    }
  };
  const lend = (bytes: Uint8Array): ArrayBuffer => {
    if (own.has(bytes.buffer)) return bytes.buffer as ArrayBuffer;
    const buffer = bytes.length <= FRAME_SIZE ? (free.pop() ?? new ArrayBuffer(FRAME_SIZE)) : new ArrayBuffer(bytes.length);
    new Uint8Array(buffer).set(bytes);
    return buffer;
  };
  const run = async (kind: Job['kind'], bytes: Uint8Array): Promise<Uint8Array> => {
    const id = (jobs += 1);
    if (id <= FEW) {
      const output = kind === 'compress' ? compressNow(bytes) : decompressNow(bytes);
      if (own.has(bytes.buffer)) keep(bytes.buffer as ArrayBuffer);
      return output;
    }
    if (ended) throw ended;
    if (workers.length === 0) start();
    const { worker, waiting } = workers.reduce((a, b) => (b.waiting.size < a.waiting.size ? b : a));
    const input = lend(bytes);
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, kind, input, length: bytes.length } satisfies Job, [input]);
    });
  };
  return {
    allocate: () => {
      const buffer = free.pop() ?? new ArrayBuffer(FRAME_SIZE);
      own.add(buffer);
      return Buffer.from(buffer);
    },
    compress: (chunk) => run('compress', chunk),
    decompress: (frame) => run('decompress', frame),
    [Symbol.asyncDispose]: async () => {
      // Each that ends rejects what waits for it.
      await Promise.all(workers.map(({ worker }) => worker.terminate()));
    },
  };
};
