import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { LifeboatError } from '../lib/errors.ts';
import { createBuffers, ROOM } from './codec-buffers.ts';
import { AHEAD, FRAME_SIZE, type Codec } from './frames.ts';

/** Both buffers come back, even if the job fails. */
type JobBuffers = {
  readonly id: number;
  readonly input: ArrayBuffer;
  readonly output: ArrayBuffer;
};
export type Job = JobBuffers & {
  readonly kind: 'compress' | 'decompress';
  readonly length: number;
};
export type Reply = JobBuffers & ({ readonly length: number } | { readonly error: string });

// Level 1, because compression is what a backup waits for (docs/decisions/compression.md). Where
// the output has room for the worst case, zstd works straight from one buffer into the other;
// otherwise by way of its own, which takes a fifth more time.
const COMPRESS = {
  chunkSize: ROOM,
  params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 },
};
// Slightly larger than a frame: if the output fits exactly, zlib allocates more and calls again.
const DECOMPRESS = { chunkSize: FRAME_SIZE + 64, maxOutputLength: FRAME_SIZE };

/** The first frames are done on this thread: starting others would take longer than the work. */
const FEW = 4;
const MODULE = new URL(
  `./codec-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
);

type Waiting = { resolve(output: Uint8Array): void; reject(error: unknown): void };
type Member = { readonly worker: Worker; readonly waiting: Map<number, Waiting> };

export function compressNow(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return zstdCompressSync(bytes, COMPRESS);
}

export function decompressNow(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return zstdDecompressSync(bytes, DECOMPRESS);
}

/**
 * zstd on threads of its own, one for each core. zlib's asynchronous calls take twice the processor
 * time of its synchronous ones, since they meet fresh memory each time; here buffers go to a thread
 * and come back, which also leaves the garbage collector nothing to do. The caller disposes of it;
 * calls that still wait are rejected then.
 */
export function createCodec(
  threads = Math.min(AHEAD, availableParallelism()),
): Codec & AsyncDisposable {
  const buffers = createBuffers();
  const crew = createCrew(threads, buffers);
  let jobs = 0;
  const run = async (kind: Job['kind'], bytes: Uint8Array): Promise<Uint8Array> => {
    jobs += 1;
    if (jobs > FEW) return crew.run(jobs, kind, bytes);
    const output = kind === 'compress' ? compressNow(bytes) : decompressNow(bytes);
    buffers.keepOwn(bytes);
    return output;
  };
  return {
    allocate: () => {
      const buffer = buffers.take();
      buffers.adopt(buffer);
      return Buffer.from(buffer, 0, FRAME_SIZE);
    },
    release: buffers.release,
    compress: (chunk) => run('compress', chunk),
    decompress: (frame) => run('decompress', frame),
    [Symbol.asyncDispose]: crew.end,
  };
}

/** The threads, which start with the first job. */
function createCrew(threads: number, buffers: ReturnType<typeof createBuffers>) {
  const members: Member[] = [];
  // A job that is given to a thread that has ended would be waited for forever.
  let failure: LifeboatError | undefined;
  const fail = (waiting: Member['waiting'], error: LifeboatError): void => {
    failure ??= error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  const hire = (): Member => {
    const waiting: Member['waiting'] = new Map();
    const worker = new Worker(MODULE, { stdout: true, stderr: true });
    worker.on('message', (reply: Reply) => {
      const job = waiting.get(reply.id);
      waiting.delete(reply.id);
      buffers.keep(reply.input);
      if ('length' in reply) {
        buffers.adopt(reply.output);
        job?.resolve(new Uint8Array(reply.output, 0, reply.length));
      } else {
        buffers.keep(reply.output);
        job?.reject(new Error(reply.error));
      }
    });
    worker.on('error', (error) => fail(waiting, threadEnded(error)));
    worker.on('exit', () => fail(waiting, threadEnded()));
    return { worker, waiting };
  };
  return {
    run: (id: number, kind: Job['kind'], bytes: Uint8Array): Promise<Uint8Array> => {
      if (failure) throw failure;
      while (members.length < threads) members.push(hire());
      const { worker, waiting } = members.reduce((a, b) =>
        b.waiting.size < a.waiting.size ? b : a,
      );
      const [input, output] = [buffers.lend(bytes), buffers.take()];
      const job: Job = { id, kind, input, output, length: bytes.length };
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        worker.postMessage(job, [input, output]);
      });
    },
    /** Each thread that ends rejects the jobs that wait for it. */
    end: async (): Promise<void> => {
      await Promise.all(members.map(({ worker }) => worker.terminate()));
    },
  };
}

function threadEnded(cause?: unknown) {
  return new LifeboatError(
    'internal',
    'a compression thread ended',
    'It may have run out of memory; run it again.',
    { cause },
  );
}
