import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folder } from '../support/files.ts';

const root = join(import.meta.dirname, '..', '..');
function soak(...args: string[]) {
  return spawnSync(process.execPath, [join(root, 'soak', 'main.ts'), ...args], {
    encoding: 'utf8',
    env: { ...process.env, TMPDIR: folder() },
  });
}

// `npm run soak` is for long runs; this short one shows that the program works.
test.each(['bucket', 'folder'])('a few rounds with a %s find nothing', (store) => {
  const { status, stdout, stderr } = soak('--minutes', '0.3', '--seed', '1', '--store', store);
  expect({ status, stdout, stderr }).toMatchObject({ status: 0 });
  expect(stdout).toMatch(/[1-9]\d* restores compared, nothing found/);
});

test.each([
  [['--minutes', 'soon'], '--minutes must be a positive number'],
  [['--store', 's3'], '--store must be bucket or folder'],
])('refuses %j', (args, message) => {
  expect(soak(...args)).toMatchObject({ status: 2, stderr: expect.stringContaining(message) });
});
