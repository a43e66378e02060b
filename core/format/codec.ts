import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { LifeboatError } from '../lib/errors.ts';
import { AHEAD, FRAME_SIZE, type Codec } from './frames.ts';

/** Both buffers come back, whatever becomes of it. */
type Buffers = { readonly id: number; readonly input: ArrayBuffer; readonly output: ArrayBuffer };
export type Job = Buffers & { readonly kind: 'compress' | 'decompress'; readonly length: number };
export type Done = Buffers & ({ readonly length: number } | { readonly error: string });

// Level 1, because compression is what a backup waits for (docs/decisions/compression.md). Where
// the output has room for the worst case (ZSTD_compressBound), zstd works straight from one buffer
// into the other; otherwise by way of its own, which takes a fifth more time.
const ROOM = FRAME_SIZE + FRAME_SIZE / 256;
const COMPRESS = {
  chunkSize: ROOM,
  params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 },
};
// Slightly larger than a frame: if the output fits exactly, zlib allocates more and calls again.
const DECOMPRESS = { chunkSize: FRAME_SIZE + 64, maxOutputLength: FRAME_SIZE };

/** So many frames are done here: to start threads for less would take longer than the work. */
const FEW = 4;
const MODULE = new URL(
  `./codec-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
);

type Waiting = { resolve(output: Uint8Array): void; reject(error: unknown): void };

export function compressNow(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return zstdCompressSync(bytes, COMPRESS);
}

export function decompressNow(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return zstdDecompressSync(bytes, DECOMPRESS);
}

/**
 * zstd on threads of its own, one a core. zlib's asynchronous calls take twice the processor time
 * of its synchronous ones, since they meet fresh memory each time; here the buffers of `allocate`,
 * and those for what comes out, go to a thread and come back, which also leaves the garbage
 * collector nothing to do. Whoever made it disposes of it; what waits then is rejected.
 */
export function createCodec(
  threads = Math.min(AHEAD, availableParallelism()),
): Codec & AsyncDisposable {
  const workers: { readonly worker: Worker; readonly waiting: Map<number, Waiting> }[] = [];
  const free: ArrayBuffer[] = [];
  const own = new WeakSet<ArrayBufferLike>();
  let jobs = 0;
  // What is given to a thread that ended would be waited for without end.
  let ended: LifeboatError | undefined;

  const keep = (buffer: ArrayBuffer): void => {
    own.add(buffer);
    if (buffer.byteLength === ROOM) free.push(buffer);
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
        if ('length' in done) {
          own.add(done.output);
          job?.resolve(new Uint8Array(done.output, 0, done.length));
        } else {
          keep(done.output);
          job?.reject(new Error(done.error));
        }
      });
      worker.on('error', (error) => end(waiting, died(error)));
      worker.on('exit', () => end(waiting, died()));
      workers.push({ worker, waiting });
    }
  };
  const room = (): ArrayBuffer => free.pop() ?? new ArrayBuffer(ROOM);
  const lend = (bytes: Uint8Array): ArrayBuffer => {
    // A job names how many bytes to use, from the beginning of the buffer.
    if (own.has(bytes.buffer) && bytes.byteOffset === 0) return bytes.buffer as ArrayBuffer;
    const buffer = bytes.length <= ROOM ? room() : new ArrayBuffer(bytes.length);
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
    const [input, output] = [lend(bytes), room()];
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, kind, input, output, length: bytes.length } satisfies Job, [
        input,
        output,
      ]);
    });
  };
  return {
    allocate: () => {
      const buffer = room();
      own.add(buffer);
      return Buffer.from(buffer, 0, FRAME_SIZE);
    },
    release: ({ buffer }) => {
      // Moved, so that a caller that still has the old buffer finds it empty instead of reading
      // another frame's bytes.
      if (own.delete(buffer)) keep((buffer as ArrayBuffer).transfer());
    },
    compress: (chunk) => run('compress', chunk),
    decompress: (frame) => run('decompress', frame),
    [Symbol.asyncDispose]: async () => {
      // Each that ends rejects what waits for it.
      await Promise.all(workers.map(({ worker }) => worker.terminate()));
    },
  };
}

function died(cause?: unknown) {
  return new LifeboatError(
    'internal',
    'a thread that compresses ended',
    'It may have run out of memory; run it again.',
    { cause },
  );
}
