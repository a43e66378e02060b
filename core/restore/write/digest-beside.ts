import { Worker } from 'node:worker_threads';
import { LifeboatError } from '../../lib/errors.ts';
import { createFileDigest } from './file-digest.ts';

/** Digested by this thread at the end: starting another would take longer. */
const SMALL_BYTES = 4 * 2 ** 20;
/** A message for each frame would cost more than the wait for some of them. */
const STEP_BYTES = 8 * 2 ** 20;
const DIGEST_MODULE = new URL(
  `./file-digest-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
);

/**
 * Digests an open file beside the work that writes it, by reading it back: the sum covers what the
 * system returns for the file, not what was meant to be in it. `size` is what it will have. The
 * caller disposes of it before it closes the file.
 */
export function digestBeside(file: number, size: number) {
  if (size <= SMALL_BYTES) return digestHere(file);
  const worker = new Worker(DIGEST_MODULE, { workerData: file, stdout: true, stderr: true });
  const answer = new Promise<string>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(digestEnded()));
  });
  // It may end before anybody waits for its answer; then the rest need not be written.
  let failure: { readonly error: unknown } | undefined;
  answer.catch((error: unknown) => (failure = { error }));
  let announced = 0;
  return {
    readTo: (complete: number): void => {
      if (failure) throw failure.error;
      if (complete - announced < STEP_BYTES) return;
      announced = complete;
      worker.postMessage(complete);
    },
    finish: (): Promise<string> => {
      worker.postMessage('all');
      return answer;
    },
    [Symbol.asyncDispose]: async (): Promise<void> => void (await worker.terminate()),
  };
}

function digestHere(file: number) {
  return {
    readTo: (): void => undefined,
    finish: async (): Promise<string> => createFileDigest(file).finish(),
    [Symbol.asyncDispose]: async (): Promise<void> => undefined,
  };
}

function digestEnded(): LifeboatError {
  return new LifeboatError(
    'internal',
    'the thread that digests the restored file ended',
    'It may have run out of memory. Free some memory, then run the command again.',
  );
}
