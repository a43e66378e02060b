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

// The rounds themselves are for people, because what they find depends on timing: `npm run soak`.
test.each([
  [['--minutes', 'soon'], '--minutes must be a positive number'],
  [['--store', 's3'], '--store must be bucket or folder'],
])('refuses %j', (args, message) => {
  expect(soak(...args)).toMatchObject({ status: 2, stderr: expect.stringContaining(message) });
});
