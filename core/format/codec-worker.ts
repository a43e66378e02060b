import { parentPort } from 'node:worker_threads';
import type { CrewReply, CrewRequest } from '../lib/processes/crew.ts';
import { isOutOfMemory, systemCode } from '../lib/errors.ts';
import { compressNow, decompressNow, giveBack, type Job, type Reply } from './codec.ts';

function moveInto(output: ArrayBuffer, bytes: Uint8Array<ArrayBuffer>): number {
  new Uint8Array(output).set(bytes);
  const { length } = bytes;
  giveBack(bytes);
  return length;
}

parentPort?.on('message', ({ id, job }: CrewRequest<Job>) => {
  const { kind, input, output, length } = job;
  const bytes = new Uint8Array(input, 0, length);
  let reply: Reply;
  try {
    const result = kind === 'compress' ? compressNow(bytes) : decompressNow(bytes);
    reply = { input, output, length: moveInto(output, result) };
  } catch (error) {
    // The class of an error and its prototype do not travel; its code does.
    const code = isOutOfMemory(error) ? 'ENOMEM' : systemCode(error);
    reply = { input, output, error: error instanceof Error ? error.message : String(error), code };
  }
  parentPort?.postMessage({ id, reply } satisfies CrewReply<Reply>, [input, output]);
});
