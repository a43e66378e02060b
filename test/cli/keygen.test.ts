import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from '../support/cli.ts';
import { folder } from '../support/files.ts';

test('`keygen --out` writes a file for the owner only, and prints the recipient but no secret', async () => {
  const cwd = folder();
  const { status, stdout } = await runCli(cwd, ['keygen', '--out', 'keys']);
  const text = readFileSync(join(cwd, 'keys'), 'utf8');
  expect([status, statSync(join(cwd, 'keys')).mode & 0o777]).toEqual([0, 0o600]);
  expect(text).toMatch(/^LIFEBOAT_IDENTITY=AGE-SECRET-KEY-1\w+\nLIFEBOAT_KEY=[0-9a-f]{64}$/m);
  expect(stdout).toMatch(/recipients: \[age1\w+\]/);
  expect(stdout).not.toMatch(/AGE-SECRET|LIFEBOAT_KEY/);
});

test.each([['keys'], ['missing/keys']])('`keygen --out %s` never replaces keys', async (out) => {
  const cwd = folder();
  writeFileSync(join(cwd, 'keys'), 'mine');
  const { status, stdout } = await runCli(cwd, ['keygen', '--out', out, '--json']);
  expect([status, JSON.parse(stdout).error.code]).toEqual([2, 'usage']);
  expect(readFileSync(join(cwd, 'keys'), 'utf8')).toBe('mine');
});
