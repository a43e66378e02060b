import { parentPort } from 'node:worker_threads';
import { FRAME_SIZE } from './frames.ts';
import { compressNow, decompressNow, type Job, type Reply } from './codec.ts';

/**
 * Copies into the buffer that was lent, and gives back at once what zlib allocated: left to the
 * collector, some hundred MiB would be waiting for it.
 */
function moveInto(output: ArrayBuffer, bytes: Uint8Array<ArrayBuffer>): number {
  new Uint8Array(output).set(bytes);
  const { length, buffer } = bytes;
  // Small ones are part of a pool that Node shares.
  if (buffer.byteLength >= FRAME_SIZE) buffer.transfer(0);
  return length;
}

parentPort?.on('message', ({ id, kind, input, output, length }: Job) => {
  const bytes = new Uint8Array(input, 0, length);
  let reply: Reply;
  try {
    reply = {
      id,
      input,
      output,
      length: moveInto(output, kind === 'compress' ? compressNow(bytes) : decompressNow(bytes)),
    };
  } catch (error) {
    reply = { id, input, output, error: error instanceof Error ? error.message : String(error) };
  }
  parentPort?.postMessage(reply, [input, output]);
});
