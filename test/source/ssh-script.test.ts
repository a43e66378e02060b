import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scriptFor } from '../../core/source/ssh/script.ts';

const path = join(import.meta.dirname, '../../core/source/ssh/remote.sh');

test('the script for ssh hosts has no finding of shellcheck', ({ skip }) => {
  const { error, stdout } = spawnSync('shellcheck', [path], { encoding: 'utf8' });
  if (error) skip(`shellcheck cannot be started: ${error.message}`);
  expect(stdout).toBe('');
});

test('the script is sent as it is, between its settings and its call', () => {
  const input = { path: "/srv/it's.db", mark: '@1', mode: 'pull', busy: 5, quiet: 30 } as const;
  const text = readFileSync(path, 'utf8');
  expect(scriptFor(input)).toBe(
    `mark='@1' main='/srv/it'\\''s.db' mode=pull busy=5 quiet=30\n${text}\nlifeboat\n`,
  );
});
