import { describe, expect, test } from 'vitest';
import { median, summarise, type Result } from '../../bench/results.ts';
import { markdown } from '../../bench/table.ts';
import { targetLines } from '../../bench/targets.ts';

const MIB = 2 ** 20;
const result = (
  operation: Result['operation'],
  program: string,
  wall: number,
  rest: Partial<Result> = {},
): Result => ({
  operation,
  program,
  wall,
  cpu: wall * 2,
  memory: 100 * MIB,
  ...rest,
});

test.each([
  ['one', [3], 3],
  ['an odd number', [9, 1, 5], 5],
  ['an even number', [4, 1, 3, 10], 3.5],
  ['none', [], Number.NaN],
])('the median of %s', (_, values, expected) => {
  expect(median(values)).toBe(expected);
});

test('a summary has the medians of each program, but the most memory, which no lucky run may hide', () => {
  const rounds = [
    result('full', 'a', 3, { memory: 10, stored: 7 }),
    result('full', 'b', 1),
    result('full', 'a', 1, { memory: 30, stored: 9 }),
    result('full', 'a', 8, { memory: 20, stored: 8 }),
  ];
  expect(summarise(rounds)).toEqual([
    { operation: 'full', program: 'a', wall: 3, cpu: 6, memory: 30, stored: 8 },
    { operation: 'full', program: 'b', wall: 1, cpu: 2, memory: 100 * MIB },
  ]);
});

describe('the table', () => {
  const results = [
    result('restore', 'ours', 1),
    result('full', 'ours', 1, { stored: 50 * MIB }),
    result('full', 'peer', 4, { stored: 100 * MIB, memory: 50 * MIB }),
  ];

  test('has one row for each result, in the order of the operations, and ratios of ours to a peer in the same operation', () => {
    expect(markdown(results, ['ours'], ['peer']).split('\n')).toEqual([
      '| operation | program | wall s | CPU s | memory MiB | new MiB | ÷ peer                    |',
      '|-----------|---------|--------|-------|------------|---------|---------------------------|',
      '| full      | ours    | 1.00   | 2.00  | 100        | 50.0    | 0.25 · 0.25 · 2.00 · 0.50 |',
      '| full      | peer    | 4.00   | 8.00  | 50.0       | 100     |                           |',
      '| restore   | ours    | 1.00   | 2.00  | 100        |         |                           |',
      '',
    ]);
  });

  test('has no ratio to what is nothing', () => {
    const [, , row] = markdown(
      [result('full', 'ours', 1), result('full', 'peer', 0)],
      ['ours'],
      ['peer'],
    ).split('\n');
    expect(row).toContain('– · – · 1.00 · –');
  });
});

describe('the targets', () => {
  const lines = (restic: number, bytes = 2000 * MIB, memory = 300 * MIB) =>
    targetLines(
      [
        result('full', 'lifeboat', 6, { memory }),
        result('full', 'restic', restic),
        result('increment', 'lifeboat', 3.5, { stored: 100 * MIB }),
        result('increment', 'restic', 10, { stored: bytes, memory: 900 * MIB }),
        result('full', 'lifeboat, backup-now into a bucket', 7.8, { memory: 350 * MIB }),
      ],
      400,
    );

  test.each([
    ['met on the boundary', lines(10), 'met'],
    ['missed beyond it', lines(9.9), 'MISSED'],
  ])('are %s', (_, [first], expected) => {
    expect(first).toMatch(
      new RegExp(`^full backup, wall, of restic: 0\\.6\\d\\d \\(at most 0\\.6\\): ${expected}$`),
    );
  });

  test('count bytes and memory of ours alone', () => {
    expect(lines(10)).toContain('increment, new bytes, of restic: 0.050 (at most 0.05): met');
    expect(lines(10, 1990 * MIB)).toContain(
      'increment, new bytes, of restic: 0.050 (at most 0.05): MISSED',
    );
    expect(lines(10)).toContain('most memory of any run of lifeboat: 300 MiB (at most 300): met');
    expect(lines(10, 0, 302 * MIB)).toContain(
      'most memory of any run of lifeboat: 302 MiB (at most 300): MISSED',
    );
  });

  test('of the function are held against its own row, and against the clock', () => {
    expect(lines(10)).toContain(
      'full backup through backup-now into a bucket, wall, of the folder: 1.300 (at most 1.3): met',
    );
    expect(lines(10)).toContain(
      'most memory of the function backup-now: 350 MiB (at most 350): met',
    );
    expect(lines(10)).toContain(
      'processor time to load the functions before the first request: 400 ms (at most 400): met',
    );
  });

  test('say what could not be measured, since a peer is absent', () => {
    expect(lines(10)).toContain(
      'restore, wall, of restic that does both: not measured (at most 0.7)',
    );
  });
});
