import { createHmac, hash } from 'node:crypto';
import { LifeboatError } from '../lib/errors.ts';
import type { Manifest } from './manifest.ts';

/** Bytes of one page's fingerprint. */
export const FINGERPRINT_SIZE = 16;

/** `[first, count]`: pages are numbered from 1, as SQLite numbers them. */
export type PageRun = readonly [first: number, count: number];

/**
 * How the pages of a chain are digested. Only fingerprints that were made in one way compare, and
 * those of a chain are: a child takes the field `chain` from its parent's manifest.
 */
export type Fingerprinting = {
  readonly pageSize: number;
  readonly salt: Uint8Array;
  /** Makes HMACs instead of digests. */
  readonly key: Uint8Array | undefined;
  /** Whether an HMAC includes the number of the page; only chains of older versions have none. */
  readonly numbered: boolean;
};

/** The fingerprinting of a manifest's chain. Throws `key_missing`. */
export function fingerprintingOf(
  { salt, keyed, numbered }: Manifest['chain'],
  pageSize: number,
  key: Buffer | undefined,
): Fingerprinting {
  if (keyed && !key)
    throw new LifeboatError(
      'key_missing',
      'this encrypted backup needs LIFEBOAT_KEY, which is not set',
      'Set LIFEBOAT_KEY to the key with which the backup was made.',
    );
  return {
    pageSize,
    // Bytes of their own: a message to a thread would take the pool of Node's buffers with it.
    salt: Uint8Array.from(Buffer.from(salt, 'hex')),
    key: keyed ? key : undefined,
    numbered: numbered === true,
  };
}

/** What no other message under LIFEBOAT_KEY begins with. */
const LABEL = Buffer.from('lifeboat-page');

/**
 * Fingerprints of a chunk of whole pages, concatenated: truncated SHA-256 over the chain's salt and
 * the page, or with a key HMAC-SHA256 over label, salt, number and page, so that two equal pages do
 * not have equal fingerprints. `runs` are the pages in the chunk.
 */
export function fingerprints(
  chunk: Uint8Array,
  runs: readonly PageRun[],
  { pageSize, salt, key, numbered }: Fingerprinting,
): Buffer {
  const prefix = numbered ? Buffer.concat([LABEL, salt, Buffer.alloc(4)]) : Buffer.from(salt);
  const prints = Buffer.allocUnsafe(countPages(runs) * FINGERPRINT_SIZE);
  const message = Buffer.allocUnsafe(prefix.length + pageSize);
  prefix.copy(message);
  let index = 0;
  for (const [first, count] of runs)
    for (let page = first; page < first + count; page += 1) {
      if (numbered) message.writeUInt32BE(page, prefix.length - 4);
      message.set(chunk.subarray(index * pageSize, (index + 1) * pageSize), prefix.length);
      // A short string costs much less than a buffer with memory of its own: two fifths of the
      // whole, for pages of 4 KiB.
      const digest = key
        ? createHmac('sha256', key).update(message).digest('hex')
        : hash('sha256', message, 'hex');
      prints.write(digest, index * FINGERPRINT_SIZE, FINGERPRINT_SIZE, 'hex');
      index += 1;
    }
  return prints;
}

/** The pages that differ from the parent's or are new. */
export type PageChanges = {
  /** Ascending, and no run touches the next; `undefined` when there are more than was asked for. */
  readonly runs: readonly PageRun[] | undefined;
  readonly pages: number;
};

/**
 * Compares the fingerprints of two backups piece by piece, from the first page on. A page that only
 * the parent has is no change.
 */
export function createComparison(mostRuns: number) {
  const runs: [number, number][] = [];
  let [page, pages, hasTooMany] = [1, 0, false];
  const addChange = (): void => {
    pages += 1;
    const last = runs.at(-1);
    if (last && last[0] + last[1] === page) last[1] += 1;
    else if (runs.length < mostRuns) runs.push([page, 1]);
    else hasTooMany = true;
  };
  return {
    /** The next pages of the child. `parent` has those of the same numbers, as far as it goes. */
    add: (parent: Buffer, child: Buffer): void => {
      for (let at = 0; at < child.length; at += FINGERPRINT_SIZE) {
        const end = at + FINGERPRINT_SIZE;
        if (end > parent.length || child.compare(parent, at, end, at, end) !== 0) addChange();
        page += 1;
      }
    },
    changes: (): PageChanges => ({ runs: hasTooMany ? undefined : runs, pages }),
  };
}

export function countPages(runs: readonly PageRun[]): number {
  return runs.reduce((sum, [, count]) => sum + count, 0);
}

/** Takes the next pages of `runs`, one chunk after the other. */
export function createRunReader(runs: readonly PageRun[]): (count: number) => PageRun[] {
  let at = 0;
  let used = 0;
  return (count) => {
    const chunk: PageRun[] = [];
    for (let rest = count; rest > 0;) {
      const run = runs[at];
      if (!run) break;
      const length = Math.min(rest, run[1] - used);
      chunk.push([run[0] + used, length]);
      rest -= length;
      used += length;
      if (used === run[1]) [at, used] = [at + 1, 0];
    }
    return chunk;
  };
}
