import { createHmac, hash } from 'node:crypto';

/** Bytes of one page's fingerprint. */
export const FINGERPRINT_SIZE = 16;

/** `[first, count]`: pages are numbered from 1, as SQLite numbers them. */
export type PageRun = readonly [first: number, count: number];

/**
 * Fingerprints of a chunk of whole pages, concatenated: truncated SHA-256, or HMAC-SHA256 with a
 * key, over the chain's salt and the page.
 */
export function fingerprints(
  chunk: Uint8Array,
  pageSize: number,
  salt: Buffer,
  key?: Buffer,
): Buffer {
  const pages = chunk.length / pageSize;
  const prints = Buffer.allocUnsafe(pages * FINGERPRINT_SIZE);
  const salted = Buffer.allocUnsafe(salt.length + pageSize);
  salt.copy(salted);
  for (let page = 0; page < pages; page += 1) {
    salted.set(chunk.subarray(page * pageSize, (page + 1) * pageSize), salt.length);
    // A short string costs much less than a buffer with memory of its own: two fifths of the whole,
    // for pages of 4 KiB.
    const digest = key
      ? createHmac('sha256', key).update(salted).digest('hex')
      : hash('sha256', salted, 'hex');
    prints.write(digest, page * FINGERPRINT_SIZE, FINGERPRINT_SIZE, 'hex');
  }
  return prints;
}

/**
 * The pages of the child that differ from the parent's or are new, as ascending runs that do not
 * touch.
 */
export function changedPages(parent: Buffer, child: Buffer): PageRun[] {
  const runs: [number, number][] = [];
  const pages = child.length / FINGERPRINT_SIZE;
  for (let page = 0; page < pages; page += 1) {
    const at = page * FINGERPRINT_SIZE;
    if (
      at + FINGERPRINT_SIZE <= parent.length &&
      child.compare(parent, at, at + FINGERPRINT_SIZE, at, at + FINGERPRINT_SIZE) === 0
    )
      continue;
    const last = runs.at(-1);
    if (last && last[0] + last[1] === page + 1) last[1] += 1;
    else runs.push([page + 1, 1]);
  }
  return runs;
}

export function countPages(runs: readonly PageRun[]): number {
  return runs.reduce((sum, [, count]) => sum + count, 0);
}
