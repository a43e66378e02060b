import { parentPort } from 'node:worker_threads';
import { compressNow, decompressNow, type Job, type Done } from './codec.ts';

parentPort?.on('message', ({ id, kind, input, length }: Job) => {
  const bytes = new Uint8Array(input, 0, length);
  let done: Done;
  try {
    // Of its own size: what the compressor allocated is larger, and stays here, where it is used again.
    done = { id, input, output: kind === 'compress' ? new Uint8Array(compressNow(bytes)) : decompressNow(bytes) };
  } catch (error) {
    done = { id, input, error: error instanceof Error ? error.message : String(error) };
  }
  parentPort?.postMessage(done, 'output' in done ? [input, done.output.buffer] : [input]);
});
