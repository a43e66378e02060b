import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changedPages, countPages, fingerprints } from '../../core/format/pages.ts';

const SIZE = 512;
const salt = Buffer.alloc(16, 7);
const file = (pages: readonly number[]): Buffer =>
  Buffer.concat(pages.map((value) => Buffer.alloc(SIZE, value)));

describe('pages', () => {
  test('any change of any file, applied to its parent, gives the child', () => {
    const pages = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 40 });
    fc.assert(
      fc.property(pages, pages, (before, after) => {
        const [parent, child] = [file(before), file(after)];
        const runs = changedPages(
          fingerprints(parent, SIZE, salt),
          fingerprints(child, SIZE, salt),
        );
        const result = Buffer.alloc(child.length);
        parent.copy(result);
        for (const [first, count] of runs)
          child.copy(result, (first - 1) * SIZE, (first - 1) * SIZE, (first - 1 + count) * SIZE);
        expect(result.equals(child)).toBe(true);
        expect(countPages(runs)).toBe(after.filter((value, at) => value !== before[at]).length);
      }),
    );
  });

  test('runs do not touch, and count from 1', () => {
    const prints = (pages: readonly number[]) => fingerprints(file(pages), SIZE, salt);
    expect(changedPages(prints([1, 1, 1, 1, 1]), prints([1, 2, 2, 1, 2, 9]))).toEqual([
      [2, 2],
      [5, 2],
    ]);
    expect(changedPages(prints([1, 2]), prints([1, 2]))).toEqual([]);
    expect(changedPages(prints([1, 2]), prints([1]))).toEqual([]);
  });

  test('another salt or a key gives other fingerprints', () => {
    const page = file([1]);
    const all = [
      fingerprints(page, SIZE, salt),
      fingerprints(page, SIZE, Buffer.alloc(16)),
      fingerprints(page, SIZE, salt, Buffer.alloc(32)),
    ];
    expect(new Set(all.map((each) => each.toString('hex'))).size).toBe(3);
    expect(all.map(({ length }) => length)).toEqual([16, 16, 16]);
  });
});
