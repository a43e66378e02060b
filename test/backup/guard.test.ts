import { describe, expect, test } from 'vitest';
import { guardChecks, type Seen } from '../../core/backup/guard.ts';

const GUARD = {
  shrink: 0.5,
  tables: true,
  ignore: ['sessions'],
  minimumRows: 100,
  minimumSize: 262_144,
} as const;
const seen = (
  tables: Record<string, number>,
  more: { size?: number; schema?: string | null; head?: string } = {},
): Seen => ({
  size: more.size ?? 1_000_000,
  inspection: {
    tables,
    schema: more.schema === undefined ? 'a' : more.schema,
    migrations:
      more.head === undefined
        ? []
        : [{ framework: 'django', head: more.head, applied: 1, failed: [] }],
  },
});
const BEFORE = seen({ orders: 1000, customers: 200, tags: 5, sessions: 900 });
const results = (
  before: Seen | undefined,
  now: Seen,
  guard: Parameters<typeof guardChecks>[2] = GUARD,
) =>
  guardChecks(before, now, guard).map(({ name, result, detail }) => `${result} ${name}: ${detail}`);

describe('the guard', () => {
  test.each<[string, Seen | undefined, Seen, RegExp[]]>([
    ['a first backup is not judged', undefined, seen({}), []],
    ['the same again is fine', BEFORE, BEFORE, []],
    [
      'growth is fine',
      BEFORE,
      seen({ orders: 5000, customers: 200, tags: 5, sessions: 0 }, { size: 9_000_000 }),
      [],
    ],
    [
      'an emptied table',
      BEFORE,
      seen({ orders: 0, customers: 200, tags: 5, sessions: 900 }),
      [/^failed guard: the table orders lost 100 %/],
    ],
    [
      'half of the rows gone',
      BEFORE,
      seen({ orders: 500, customers: 200, tags: 5, sessions: 900 }),
      [/^failed guard: the table orders lost 50 %/],
    ],
    [
      'a row less than half gone',
      BEFORE,
      seen({ orders: 501, customers: 200, tags: 5, sessions: 900 }),
      [],
    ],
    [
      'a small table may be emptied',
      BEFORE,
      seen({ orders: 1000, customers: 200, tags: 0, sessions: 900 }),
      [],
    ],
    [
      'a dropped table',
      BEFORE,
      seen({ orders: 1000, tags: 5, sessions: 900 }),
      [/^failed guard: the table customers is gone \(it had 200 rows\)/],
    ],
    [
      'an ignored table may shrink and vanish',
      BEFORE,
      seen({ orders: 1000, customers: 200, tags: 5 }),
      [],
    ],
    [
      'a file that shrank',
      BEFORE,
      seen(BEFORE.inspection.tables, { size: 400_000 }),
      [/^failed guard: the file lost 60 %/],
    ],
    [
      'a tiny file that shrank',
      seen({ a: 3 }, { size: 100_000 }),
      seen({ a: 3 }, { size: 4096 }),
      [],
    ],
    [
      'many small tables emptied',
      seen({ a: 60, b: 60 }),
      seen({ a: 0, b: 0 }),
      [/^failed guard: 100 % of all rows are gone/],
    ],
    ['an empty table dropped', seen({ a: 0, b: 200 }), seen({ b: 200 }), []],
    ['a judge that counted nothing', BEFORE, seen({}, { schema: null }), []],
    [
      'a table dropped by a migration',
      seen({ a: 9, b: 200 }, { head: '1' }),
      seen({ b: 200 }, { head: '2', schema: 'b' }),
      [/^warning guard: the table a is gone/],
    ],
    [
      'a schema changed by a migration',
      seen({ a: 9 }, { head: '1' }),
      seen({ a: 9 }, { head: '2', schema: 'b' }),
      [],
    ],
    [
      'a schema changed without one',
      seen({ a: 9 }, { head: '1' }),
      seen({ a: 9 }, { head: '1', schema: 'b' }),
      [/^warning schema: /],
    ],
    [
      'a schema changed where nobody keeps migrations',
      seen({ a: 9 }),
      seen({ a: 9 }, { schema: 'b' }),
      [],
    ],
    [
      'a table called like a property of every object',
      seen({ constructor: 500 }),
      seen({}),
      [/^failed guard: the table constructor is gone/],
    ],
  ])('%s', (_, before, now, expected) => {
    const found = results(before, now);
    expect(found).toHaveLength(expected.length);
    for (const [at, pattern] of expected.entries()) expect(found[at]).toMatch(pattern);
  });

  test('quotes the beginning of a name only, because a name in a database has no limit', () => {
    const name = 'x'.repeat(900_000);
    const [gone = ''] = results(seen({ [name]: 500 }), seen({}));
    const [less = ''] = results(seen({ [name]: 500 }), seen({ [name]: 1 }));
    expect([gone, less]).toEqual([
      `failed guard: the table ${'x'.repeat(200)} is gone (it had 500 rows)`,
      expect.stringMatching(/^failed guard: the table x{200} lost 100 % of its rows/),
    ]);
  });

  test('checks only what is configured', () => {
    const now = seen({ orders: 0, tags: 5, sessions: 900 }, { size: 400_000 });
    expect(results(BEFORE, now, { ...GUARD, shrink: false })).toHaveLength(1);
    expect(results(BEFORE, now, { ...GUARD, shrink: false, tables: false })).toEqual([]);
    expect(
      results(BEFORE, seen({ ...BEFORE.inspection.tables, orders: 850 }), {
        ...GUARD,
        shrink: 0.1,
      }),
    ).toHaveLength(1);
  });
});
