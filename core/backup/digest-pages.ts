import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { FRAME_SIZE } from '../format/frames.ts';
import { MAX_RUNS } from '../format/manifest.ts';
import {
  createComparison,
  FINGERPRINT_SIZE,
  fingerprints,
  type Fingerprinting,
  type PageChanges,
} from '../format/pages.ts';
import { writeAllSync } from '../lib/files/files.ts';

export type DigestInput = {
  readonly path: string;
  readonly fingerprinting: Fingerprinting;
  /** The descriptor of a file for the fingerprints. */
  readonly prints: number;
  /** The descriptor of a file with the parent's fingerprints. */
  readonly parentPrints: number | undefined;
};
export type Digest = {
  readonly sha256: string;
  /** Of the fingerprints that were written. */
  readonly printsSha256: string;
  /** Compared with the parent; without one, all pages. */
  readonly changes: PageChanges;
};

/**
 * SHA-256 of a whole file, and the fingerprints of its pages, which are written to another file:
 * memory must not grow with the database. Blocks the thread until it is done; `onProgress` receives
 * the number of bytes read so far.
 */
export function digestPages(
  { path, fingerprinting, prints, parentPrints }: DigestInput,
  onProgress: (done: number) => void,
): Digest {
  const { pageSize } = fingerprinting;
  const file = openSync(path, 'r');
  try {
    const chunk = Buffer.allocUnsafe(FRAME_SIZE);
    const inherited = Buffer.allocUnsafe((FRAME_SIZE / pageSize) * FINGERPRINT_SIZE);
    const [sha, printsSha] = [createHash('sha256'), createHash('sha256')];
    const comparison = createComparison(MAX_RUNS);
    for (let [at, printsAt] = [0, 0]; ;) {
      const length = readFully(file, chunk, at);
      if (length === 0)
        return {
          sha256: sha.digest('hex'),
          printsSha256: printsSha.digest('hex'),
          changes: comparison.changes(),
        };
      const pages = Math.floor(length / pageSize);
      sha.update(chunk.subarray(0, length));
      const own =
        pages > 0
          ? fingerprints(chunk, [[at / pageSize + 1, pages]], fingerprinting)
          : Buffer.alloc(0);
      const known =
        parentPrints === undefined
          ? 0
          : readFully(parentPrints, inherited.subarray(0, own.length), printsAt);
      comparison.add(inherited.subarray(0, known), own);
      writeAllSync(prints, own, printsAt);
      printsSha.update(own);
      at += length;
      printsAt += own.length;
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
