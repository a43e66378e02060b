import { describe, expect, test } from 'vitest';
import { median, summarise, type Result } from '../../bench/results.ts';
import { resultTable } from '../../bench/report/table.ts';
import { targetRows } from '../../bench/report/targets.ts';

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
    result('restore', 'lifeboat', 1),
    result('full', 'lifeboat', 1, { stored: 50 * MIB }),
    result('full', 'peer', 4, { stored: 100 * MIB, memory: 50 * MIB }),
  ];

  test('has one row for each result, in the order of the operations, and ratios of ours to a peer in the same operation', () => {
    expect(resultTable(results, ['peer']).split('\n')).toEqual([
      '| operation | program  | wall s | CPU s | memory MiB | new MiB | wall ÷ peer |',
      '|-----------|----------|--------|-------|------------|---------|-------------|',
      '| full      | lifeboat | 1.00   | 2.00  | 100        | 50.0    | 0.25        |',
      '| full      | peer     | 4.00   | 8.00  | 50.0       | 100     |             |',
      '| restore   | lifeboat | 1.00   | 2.00  | 100        |         |             |',
      '',
    ]);
  });

  test('has no ratio to what is nothing', () => {
    const [, , row] = resultTable(
      [result('full', 'lifeboat', 1), result('full', 'peer', 0)],
      ['peer'],
    ).split('\n');
    expect(row).toMatch(/\| +\|$/);
  });
});

describe('the targets', () => {
  const row = (name: string, rows: readonly string[][]) =>
    rows.find(([text]) => text === name)?.slice(1);
  const rowsOf = (restic: number, bytes = 2000 * MIB, memory = 200 * MIB) =>
    targetRows(
      [
        result('full', 'lifeboat', 6, { memory }),
        result('full', 'restic', restic),
        result('increment', 'lifeboat', 3.5, { stored: 100 * MIB }),
        result('increment', 'restic', 10, { stored: bytes, memory: 900 * MIB }),
        result('full', 'lifeboat, backup-now into a bucket', 7.8, { memory: 350 * MIB }),
        result('full', 'lifeboat, integrity_check, under a writer', 9, { memory: 1200 * MIB }),
      ],
      40,
    );

  test.each([
    ['met on the boundary', 10, ['0.6', '0.600', 'met']],
    ['missed beyond it', 9.9, ['0.6', '0.606', 'missed']],
  ])('are %s', (_, restic, expected) => {
    expect(row('full backup ÷ restic', rowsOf(restic))).toEqual(expected);
  });

  test('count bytes and memory of ours alone, and no pages of a map', () => {
    const bytes = 'new bytes of an increment ÷ restic';
    expect(row(bytes, rowsOf(10))).toEqual(['0.05', '0.050', 'met']);
    expect(row(bytes, rowsOf(10, 1990 * MIB))).toEqual(['0.05', '0.050', 'missed']);
    const memory = 'memory of any command without a memory map';
    expect(row(memory, rowsOf(10))).toEqual(['200 MiB', '200 MiB', 'met']);
    expect(row(memory, rowsOf(10, 0, 202 * MIB))).toEqual(['200 MiB', '202 MiB', 'missed']);
  });

  test('of the function are held against the backup into a folder, and against the clock', () => {
    const rows = rowsOf(10);
    expect(row('backup-now into a bucket ÷ the backup into a folder', rows)).toEqual([
      '1.3',
      '1.300',
      'met',
    ]);
    expect(row('memory of the function backup-now', rows)).toEqual(['350 MiB', '350 MiB', 'met']);
    expect(row('processor time to load the functions', rows)).toEqual(['40 ms', '40 ms', 'met']);
  });

  test('say what could not be measured, since a peer is absent', () => {
    expect(row('restore ÷ restic that does both', rowsOf(10))).toEqual([
      '0.65',
      'not measured',
      '',
    ]);
  });
});
