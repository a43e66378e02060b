import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  countPages,
  createComparison,
  createRunReader,
  fingerprintingOf,
  fingerprints,
  type Fingerprinting,
  type PageChanges,
} from '../../core/format/pages.ts';

const SIZE = 512;
const KEY = Buffer.alloc(32, 9);
const PLAIN = fingerprintingOf({ salt: '07'.repeat(16), keyed: false }, SIZE, undefined);
const KEYED = fingerprintingOf({ salt: '07'.repeat(16), keyed: true }, SIZE, KEY);
const NUMBERED = { ...KEYED, numbered: true };
const file = (pages: readonly number[]): Buffer =>
  Buffer.concat(pages.map((value) => Buffer.alloc(SIZE, value)));

/** Compares in pieces of two pages, as a large file is compared in larger ones. */
const changesOf = (parent: Buffer, child: Buffer, mostRuns = 100): PageChanges => {
  const comparison = createComparison(mostRuns);
  for (let at = 0; at < child.length; at += 32)
    comparison.add(parent.subarray(at, at + 32), child.subarray(at, at + 32));
  return comparison.changes();
};

describe('pages', () => {
  test.each([
    ['digests', PLAIN],
    ['HMACs of an older version', KEYED],
    ['numbered HMACs', NUMBERED],
  ])('any change of any file, applied to its parent, gives the child, by %s', (_, how) => {
    const pages = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 40 });
    fc.assert(
      fc.property(pages, pages, (before, after) => {
        const [parent, child] = [file(before), file(after)];
        const { runs, pages: changes } = changesOf(whole(parent, how), whole(child, how));
        const result = Buffer.alloc(child.length);
        parent.copy(result);
        for (const [first, count] of runs ?? [])
          child.copy(result, (first - 1) * SIZE, (first - 1) * SIZE, (first - 1 + count) * SIZE);
        expect(result.equals(child)).toBe(true);
        expect(countPages(runs ?? [])).toBe(
          after.filter((value, at) => value !== before[at]).length,
        );
        expect(changes).toBe(countPages(runs ?? []));
      }),
    );
  });

  test('runs do not touch, and count from 1', () => {
    const prints = (pages: readonly number[]) => whole(file(pages), PLAIN);
    const [parent, child] = [prints([1, 1, 1, 1, 1]), prints([1, 2, 2, 1, 2, 9])];
    expect(changesOf(parent, child).runs).toEqual([
      [2, 2],
      [5, 2],
    ]);
    expect(changesOf(prints([1, 2]), prints([1, 2])).runs).toEqual([]);
    expect(changesOf(prints([1, 2]), prints([1])).runs).toEqual([]);
  });

  test('more runs than were asked for are not listed, but counted', () => {
    const prints = (pages: readonly number[]) => whole(file(pages), PLAIN);
    const [parent, child] = [prints([1, 1, 1, 1, 1, 1]), prints([2, 1, 2, 2, 1, 2])];
    expect(changesOf(parent, child, 3)).toEqual({
      runs: [
        [1, 1],
        [3, 2],
        [6, 1],
      ],
      pages: 4,
    });
    expect(changesOf(parent, child, 2)).toEqual({ runs: undefined, pages: 4 });
  });

  test('another salt, a key and the number of the page give other fingerprints', () => {
    const page = file([1]);
    const all = [PLAIN, { ...PLAIN, salt: Buffer.alloc(16) }, KEYED, NUMBERED].map((how) =>
      whole(page, how),
    );
    expect(new Set(all.map((each) => each.toString('hex'))).size).toBe(4);
    expect(all.map(({ length }) => length)).toEqual([16, 16, 16, 16]);
  });

  test('equal pages have equal fingerprints, but not where they are numbered', () => {
    const pages = file([1, 1, 1, 1]);
    expect([PLAIN, KEYED, NUMBERED].map((how) => countDifferent(whole(pages, how)))).toEqual([
      1, 1, 4,
    ]);
  });

  test('a numbered fingerprint is the HMAC of label, salt, number and page', () => {
    const page = file([3]);
    const message = Buffer.concat([Buffer.from('lifeboat-page'), NUMBERED.salt, page]);
    const at = 'lifeboat-page'.length + 16;
    const numbered = Buffer.concat([
      message.subarray(0, at),
      Buffer.from([0xff, 0xff, 0xff, 0xfe]),
      message.subarray(at),
    ]);
    const expected = createHmac('sha256', KEY).update(numbered).digest().subarray(0, 16);
    // The last page that SQLite can number.
    expect(fingerprints(page, [[0xff_ff_ff_fe, 1]], NUMBERED)).toEqual(expected);
  });

  test('pages have the fingerprints of their numbers wherever they are stored', () => {
    const pages = file([1, 2, 3, 4, 5, 6]);
    const prints = whole(pages, NUMBERED);
    const stored = Buffer.concat([pages.subarray(SIZE, 2 * SIZE), pages.subarray(4 * SIZE)]);
    expect(
      fingerprints(
        stored,
        [
          [2, 1],
          [5, 2],
        ],
        NUMBERED,
      ),
    ).toEqual(Buffer.concat([prints.subarray(16, 32), prints.subarray(64)]));
  });

  test('runs are taken in chunks that may begin and end inside of a run', () => {
    const next = createRunReader([
      [2, 3],
      [9, 1],
      [20, 4],
    ]);
    expect([next(2), next(3), next(3), next(1)]).toEqual([
      [[2, 2]],
      [
        [4, 1],
        [9, 1],
        [20, 1],
      ],
      [[21, 3]],
      [],
    ]);
  });

  test('keyed fingerprints are not made without the key', () => {
    expect(() => fingerprintingOf({ salt: '', keyed: true }, SIZE, undefined)).toThrow(
      expect.objectContaining({ code: 'key_missing' }),
    );
  });
});

function whole(pages: Buffer, how: Fingerprinting): Buffer {
  return fingerprints(pages, [[1, pages.length / SIZE]], how);
}

function countDifferent(prints: Buffer): number {
  const hex = prints.toString('hex');
  return new Set(hex.match(/.{32}/g)).size;
}
