import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folder } from '../support/files.ts';

const root = join(import.meta.dirname, '..', '..');
// On a machine that is ten times slower than most, a run takes three minutes.
const LIMIT_MS = 540_000;

type Ending = { readonly status: unknown; readonly stdout: string; readonly stderr: string };

function soak(...args: string[]): Promise<Ending> {
  const env = { ...process.env, TMPDIR: folder() };
  return new Promise((resolve) =>
    execFile(
      process.execPath,
      [join(root, 'soak', 'main.ts'), ...args],
      { env, timeout: LIMIT_MS },
      (error, stdout, stderr) =>
        resolve({ status: error ? (error.code ?? error.signal) : 0, stdout, stderr }),
    ),
  );
}

// More rounds are for people, because they take long: `npm run soak`.
test.each(['bucket', 'folder'])('finds nothing in two rounds with a %s', async (store) => {
  const ending = await soak('--rounds', '2', '--seed', '1', '--store', store);
  expect(ending, `${ending.stdout}${ending.stderr}`).toMatchObject({ status: 0 });
  expect(ending.stdout).toMatch(
    new RegExp(`^${store}: 2 rounds, .* [1-9]\\d* restores compared, nothing found`),
  );
});

test.each([
  [['--minutes', 'soon'], '--minutes must be a positive number'],
  [['--rounds', '1.5'], '--rounds must be a positive whole number'],
  [['--rounds', '2', '--minutes', '1'], '--minutes and --rounds exclude each other'],
  [['--store', 's3'], '--store must be bucket or folder'],
])('refuses %j', async (args, message) => {
  expect(await soak(...args)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining(message),
  });
});
