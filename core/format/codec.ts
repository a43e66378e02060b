import { availableParallelism } from 'node:os';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { createCrew } from '../lib/processes/crew.ts';
import { createBuffers, bufferSizeFor } from './codec-buffers.ts';
import { AHEAD, FRAME_SIZE, type Codec } from './frames.ts';

/** Both buffers move to the thread and come back with the reply, even if the job fails. */
type JobBuffers = { readonly input: ArrayBuffer; readonly output: ArrayBuffer };
export type Job = JobBuffers & {
  readonly kind: 'compress' | 'decompress';
  readonly length: number;
};
export type Reply = JobBuffers &
  ({ readonly length: number } | { readonly error: string; readonly code: string | undefined });

// Level 1, because compression is what a backup waits for (docs/decisions/compression.md). Where
// the output has room for the worst case, zstd works straight from one buffer into the other;
// otherwise by way of its own, which takes a fifth more time.
const COMPRESS = { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 };

/** The first frames are done on this thread: starting others would take longer than the work. */
const FEW = 4;
const MODULE = new URL(
  `./codec-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
);

export function compressNow(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return zstdCompressSync(bytes, { chunkSize: bufferSizeFor(bytes.length), params: COMPRESS });
}

/** `size`: how many bytes to expect, for the memory; another result is returned as well. */
export function decompressNow(bytes: Uint8Array, size = FRAME_SIZE): Uint8Array<ArrayBuffer> {
  // Slightly larger: if the output fits exactly, zlib allocates more and calls again. zlib takes no
  // less than 64, and a manifest that is wrong may let one expect any size.
  const chunkSize = Math.max(64, size + 64);
  return zstdDecompressSync(bytes, { chunkSize, maxOutputLength: FRAME_SIZE });
}

/**
 * Gives back at once the memory of what `compressNow` or `decompressNow` returned: left to the
 * collector, some hundred MiB would be waiting for it.
 */
export function giveBack({ buffer }: Uint8Array<ArrayBuffer>): void {
  // Small ones are part of a pool that Node shares.
  if (buffer.byteLength >= FRAME_SIZE) buffer.transfer(0);
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
  const crew = createCrew<Job, Reply>(MODULE, { threads });
  let jobs = 0;
  const onThread = async (kind: Job['kind'], bytes: Uint8Array): Promise<Uint8Array> => {
    const [input, output] = [buffers.lend(bytes), buffers.take()];
    const job: Job = { kind, input, output, length: bytes.length };
    const reply = await crew.run(job, [input, output]);
    buffers.keep(reply.input);
    if ('length' in reply) {
      buffers.adopt(reply.output);
      return new Uint8Array(reply.output, 0, reply.length);
    }
    buffers.keep(reply.output);
    throw Object.assign(new Error(reply.error), { code: reply.code });
  };
  const run = async (kind: Job['kind'], bytes: Uint8Array): Promise<Uint8Array> => {
    jobs += 1;
    if (jobs > FEW) return onThread(kind, bytes);
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
