import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { FRAME_SIZE } from '../format/frames.ts';
import { fingerprints, type Fingerprinting } from '../format/pages.ts';

export type DigestInput = {
  readonly path: string;
  readonly fingerprinting: Fingerprinting;
};
export type Digest = { readonly sha256: string; readonly prints: Uint8Array };

/**
 * SHA-256 of a whole file and the fingerprints of its pages. Blocks the thread until it is done;
 * `onProgress` receives the number of bytes read so far.
 */
export function digestPages(
  { path, fingerprinting }: DigestInput,
  onProgress: (done: number) => void,
): Digest {
  const { pageSize } = fingerprinting;
  const file = openSync(path, 'r');
  try {
    const chunk = Buffer.allocUnsafe(FRAME_SIZE);
    const sha = createHash('sha256');
    const prints: Buffer[] = [];
    for (let at = 0; ;) {
      const length = readFully(file, chunk, at);
      if (length === 0) return { sha256: sha.digest('hex'), prints: Buffer.concat(prints) };
      const pages = Math.floor(length / pageSize);
      sha.update(chunk.subarray(0, length));
      if (pages > 0) prints.push(fingerprints(chunk, [[at / pageSize + 1, pages]], fingerprinting));
      at += length;
      onProgress(at);
    }
  } finally {
    closeSync(file);
  }
}

/** A short read in the middle of the file would cut a page in two. */
function readFully(file: number, chunk: Buffer, at: number): number {
  let length = 0;
  for (let bytes = -1; bytes !== 0 && length < chunk.length; length += bytes)
    bytes = readSync(file, chunk, length, chunk.length - length, at + length);
  return length;
}
