import { parentPort } from 'node:worker_threads';
import { FRAME_SIZE } from './frames.ts';
import { compressNow, decompressNow, type Job, type Done } from './codec.ts';

/** Of its own size, and what the compressor allocated goes at once: left to the collector, some hundred MiB would be waiting for it. */
const trimmed = (bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> => {
  const copy = new Uint8Array(bytes);
  if (bytes.buffer.byteLength >= FRAME_SIZE) bytes.buffer.transfer(0);
  return copy;
};

parentPort?.on('message', ({ id, kind, input, length }: Job) => {
  const bytes = new Uint8Array(input, 0, length);
  let done: Done;
  try {
    done = { id, input, output: kind === 'compress' ? trimmed(compressNow(bytes)) : decompressNow(bytes) };
  } catch (error) {
    done = { id, input, error: error instanceof Error ? error.message : String(error) };
  }
  parentPort?.postMessage(done, 'output' in done ? [input, done.output.buffer] : [input]);
});
