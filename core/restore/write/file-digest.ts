import { createHash } from 'node:crypto';
import { readSync } from 'node:fs';

const DIGEST_BLOCK = 2 ** 20;

/** SHA-256 of a file that is still being written, as far as it is complete. Blocks the thread. */
export function createFileDigest(file: number) {
  const sha = createHash('sha256');
  const block = Buffer.allocUnsafe(DIGEST_BLOCK);
  let at = 0;
  const readTo = (complete: number): void => {
    while (at < complete) {
      const length = readSync(file, block, 0, Math.min(block.length, complete - at), at);
      if (length === 0) return;
      sha.update(block.subarray(0, length));
      at += length;
    }
  };
  return {
    /** The first `complete` bytes do not change any more. */
    readTo,
    /** Reads to the end of the file; the digest in hex. */
    finish: (): string => {
      readTo(Infinity);
      return sha.digest('hex');
    },
  };
}
