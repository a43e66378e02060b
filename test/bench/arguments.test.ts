import { expect, test } from 'vitest';
import { parseArguments } from '../../bench/arguments.ts';

const DEFAULTS = {
  size: 2 ** 30,
  repeat: 1,
  chain: 0,
  fleet: 0,
  status: 0,
  folder: '/tmp/lifeboat-bench',
  save: false,
  without: [],
};

test.each([
  ['nothing', [], {}],
  ['a size in MiB', ['--size', '256MiB'], { size: 2 ** 28 }],
  ['the least size', ['--size', '256KiB'], { size: 2 ** 18 }],
  ['repetitions', ['--repeat', '3'], { repeat: 3 }],
  ['a chain', ['--chain=30'], { chain: 30 }],
  ['a fleet', ['--fleet', '1000'], { fleet: 1000 }],
  ['the status', ['--status', '5000'], { status: 5000 }],
  ['a folder', ['--folder', '/srv/bench'], { folder: '/srv/bench' }],
  ['publication', ['--save'], { save: true }],
  ['peers to leave out', ['--without', 'restic,shell'], { without: ['restic', 'shell pipeline'] }],
])('takes %s', (_, args, expected) => {
  expect(parseArguments(args, '/tmp')).toEqual({ ...DEFAULTS, ...expected });
});

test.each([
  ['a size without unit', ['--size', '1000'], '--size'],
  ['a size in decimal units', ['--size', '1GB'], '--size'],
  ['a size below the least', ['--size', '255KiB'], '--size'],
  ['no repetition at all', ['--repeat', '0'], '--repeat'],
  ['a negative chain', ['--chain=-1'], '--chain'],
  ['half a repetition', ['--repeat', '1.5'], '--repeat'],
  ['more than is sensible', ['--repeat', '1001'], '--repeat'],
  ['an unknown option', ['--sise', '1GiB'], '--sise'],
  ['an unknown peer', ['--without', 'rustic'], 'rustic'],
])('refuses %s, and names it', (_, args, named) => {
  expect(() => parseArguments(args, '/tmp')).toThrow(named);
});
