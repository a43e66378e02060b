import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { judgeMemory, longestValue, memoryLimiter } from '../../core/sqlite/memory-limit.ts';

const GIB = 2 ** 30;

test.each([
  [0, 64 * 2 ** 20],
  [100 * 2 ** 20, 100 * 2 ** 20],
  [5 * GIB, 1_000_000_000],
])('a file of %s bytes may have a value of %s', (size, most) => {
  expect(longestValue(size)).toBe(most);
  expect(judgeMemory(size)).toBeGreaterThan(1.25 * GIB + most);
});

test.runIf(process.platform === 'linux')('the system limits the data of the process', () => {
  const [program = '', ...words] = memoryLimiter(judgeMemory(0));
  const { stdout } = spawnSync(program, [...words, 'cat', '/proc/self/limits'], {
    encoding: 'utf8',
  });
  expect(/^Max data size +(\d+) +(\d+)/m.exec(stdout)?.slice(1).map(Number)).toEqual([
    judgeMemory(0),
    judgeMemory(0),
  ]);
});
