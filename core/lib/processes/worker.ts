import { Worker, type ResourceLimits } from 'node:worker_threads';
import { LifeboatError, interrupted } from '../errors.ts';

type WorkerOptions = {
  readonly input: unknown;
  readonly signal?: AbortSignal | undefined;
  readonly resourceLimits?: ResourceLimits;
  readonly onProgress?: (done: number) => void;
};

/**
 * Runs a module in a thread and resolves with its answer. A message that is a number is progress,
 * any other the answer. Throws `interrupted` when the signal aborts.
 */
export async function runWorker<T>(
  module: URL,
  { input, signal, onProgress, resourceLimits = {} }: WorkerOptions,
): Promise<T> {
  signal?.throwIfAborted();
  const worker = new Worker(module, {
    workerData: input,
    stdout: true,
    stderr: true,
    resourceLimits,
  });
  let stop: (() => void) | undefined;
  try {
    return await new Promise<T>((resolve, reject) => {
      stop = () => reject(interrupted());
      signal?.addEventListener('abort', stop, { once: true });
      worker.on('message', (message: number | T) =>
        typeof message === 'number' ? onProgress?.(message) : resolve(message),
      );
      worker.once('error', reject);
      worker.once('exit', () =>
        reject(
          new LifeboatError(
            'internal',
            'a worker thread ended without an answer',
            'It may have run out of memory. Free some memory, then run the command again.',
          ),
        ),
      );
    });
  } finally {
    if (stop) signal?.removeEventListener('abort', stop);
    await worker.terminate();
  }
}
