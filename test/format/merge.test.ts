import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planMerge } from '../../core/format/merge.ts';
import type { PageRun } from '../../core/format/pages.ts';

describe('the plan of a merge', () => {
  test('covers every page once, from the newest backup that has it', () => {
    const runs = fc
      .uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 40 })
      .map((pages) => toRuns(pages.sort((a, b) => a - b)));
    fc.assert(
      fc.property(
        fc.array(runs, { maxLength: 5 }),
        fc.integer({ min: 0, max: 40 }),
        (increments, pageCount) => {
          const layers: (readonly PageRun[])[] = [[[1, 40]], ...increments];
          const plan = planMerge(layers, pageCount);
          const chosen = plan.flatMap(({ layer, first, count }) =>
            Array.from({ length: count }, (_, n) => [first + n, layer]),
          );
          const youngest = Array.from({ length: pageCount }, (_, n) => [
            n + 1,
            layers.findLastIndex((each) =>
              each.some(([first, count]) => n + 1 >= first && n + 1 < first + count),
            ),
          ]);
          expect(chosen).toEqual(youngest);
        },
      ),
    );
  });

  test('a page that is in no backup is damage', () => {
    expect(() => planMerge([[[1, 3]], [[5, 1]]], 5)).toThrow(
      expect.objectContaining({ code: 'backup_damaged' }),
    );
  });
});

function toRuns(pages: readonly number[]): PageRun[] {
  const found: [number, number][] = [];
  for (const page of pages) {
    const last = found.at(-1);
    if (last && last[0] + last[1] === page) last[1] += 1;
    else found.push([page, 1]);
  }
  return found;
}
