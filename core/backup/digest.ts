import { runWorker } from '../lib/worker.ts';

export type DigestInput = {
  readonly path: string;
  readonly pageSize: number;
  readonly salt: Uint8Array;
  readonly key: Uint8Array | undefined;
};
export type Digest = { readonly sha256: string; readonly prints: Uint8Array };

const MODULE = new URL(
  `./digest-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
);

/**
 * SHA-256 of a whole file and the fingerprints of its pages; in a thread of its own, beside the
 * compression.
 */
export function digestFile(
  input: DigestInput,
  signal: AbortSignal,
  onProgress: (done: number) => void,
): Promise<Digest> {
  return runWorker<Digest>(MODULE, { input, signal, onProgress });
}
