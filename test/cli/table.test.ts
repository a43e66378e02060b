import { describe, expect, test } from 'vitest';
import { table } from '../../cli/table.ts';

const ROWS = [
  ['NAME', 'SIZE', 'STATE'],
  ['shop', '11.2 MiB', '\u001B[32mok\u001B[39m'],
  ['a longer name', '', 'late'],
];

describe('a table', () => {
  test('aligns its columns, and a colour takes no room', () => {
    expect(table(ROWS)).toBe(
      'NAME           SIZE      STATE\nshop           11.2 MiB  \u001B[32mok\u001B[39m\na longer name            late\n',
    );
  });

  test('counts what a control character looks like', () => {
    expect(
      table([
        ['a', 'b'],
        ['\u001B[2J', 'c'],
      ]),
    ).toBe('a          b\n\u001B[2J  c\n');
  });

  test.each([
    ['as wide as the terminal is a table', 30, /^NAME +SIZE +STATE\n/],
    [
      'wider than the terminal is cards',
      29,
      /^NAME +shop\nSIZE +11\.2 MiB\nSTATE +\S+ok\S+\n\nNAME +a longer name\nSTATE +late\n$/,
    ],
  ])('%s', (_, columns, expected) => {
    expect(table(ROWS, columns)).toMatch(expected);
  });

  test('wraps sentences, which stand in a last column without a label', () => {
    const rows = [
      ['CHECK', ''],
      ['store', 'write, read back and overwrite protection work on this store'],
      ['clock', 'right'],
    ];
    expect(table(rows, 40)).toBe(
      'CHECK\nstore  write, read back and overwrite\n       protection work on this store\nclock  right\n',
    );
    expect(table(rows, 30)).toMatch(/^CHECK {2}store\n {7}write/);
  });
});
