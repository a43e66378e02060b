import { Worker } from 'node:worker_threads';
import { LifeboatError } from './errors.ts';

type Options = {
  readonly input: unknown;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (done: number) => void;
};

/** A number is progress, anything else the answer. */
export async function runWorker<T>(
  module: URL,
  { input, signal, onProgress }: Options,
): Promise<T> {
  signal?.throwIfAborted();
  const worker = new Worker(module, { workerData: input, stdout: true, stderr: true });
  let stop: (() => void) | undefined;
  try {
    return await new Promise<T>((resolve, reject) => {
      stop = () => reject(new LifeboatError('interrupted', 'interrupted', 'Run it again.'));
      signal?.addEventListener('abort', stop, { once: true });
      worker.on('message', (message: number | T) =>
        typeof message === 'number' ? onProgress?.(message) : resolve(message),
      );
      worker.once('error', reject);
      worker.once('exit', () =>
        reject(new LifeboatError('internal', 'a worker ended without an answer', 'Run it again.')),
      );
    });
  } finally {
    if (stop) signal?.removeEventListener('abort', stop);
    await worker.terminate();
  }
}
