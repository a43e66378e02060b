import { FRAME_SIZE } from '../format/frames.ts';
import { runWorker } from '../lib/processes/worker.ts';
import { digestPages, type Digest, type DigestInput } from './digest-pages.ts';

const WORKER = new URL(
  `./digest-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
);

/**
 * SHA-256 of a whole file of `size` bytes and the fingerprints of its pages, in a thread of its
 * own, beside the compression. A small file is digested here: starting a thread takes longer.
 */
export async function digestFile(
  input: DigestInput & { readonly size: number },
  signal: AbortSignal,
  onProgress: (done: number) => void,
): Promise<Digest> {
  signal.throwIfAborted();
  const { size, ...file } = input;
  if (size <= FRAME_SIZE) return digestPages(file, onProgress);
  return runWorker<Digest>(WORKER, { input: file, signal, onProgress });
}
