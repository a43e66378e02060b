import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseConfig } from '../../core/config/load.ts';
import { checkCommands } from '../../core/setup/doctor/commands.ts';
import { folder } from '../support/files.ts';

/** What the doctor says about a hook before a backup, in a folder with some programs. */
async function hookFinding(before: string) {
  const cwd = folder();
  writeFileSync(join(cwd, 'stop.sh'), '#!/bin/sh\ntouch "$0.ran"\n');
  writeFileSync(join(cwd, 'plain.sh'), '#!/bin/sh\n');
  chmodSync(join(cwd, 'stop.sh'), 0o755);
  mkdirSync(join(cwd, 'directory'));
  const config = parseConfig(
    `databases: { shop: { source: shop.db, hooks: { before: ${before} } } }\n`,
    cwd,
  );
  const { signal } = new AbortController();
  const findings = await checkCommands(config, { cwd, env: { PATH: `/usr/bin:${cwd}` }, signal });
  expect(findings.map(({ check, about }) => [check, about])).toEqual([
    ['machine', 'databases.shop.hooks.before'],
  ]);
  expect(existsSync(join(cwd, 'stop.sh.ran'))).toBe(false);
  return findings[0];
}

test.each([
  ['a program in PATH', '{ run: [stop.sh] }'],
  ['a program in the folder', '{ run: [./stop.sh, now] }'],
  ['an absolute path', '{ run: [/bin/sh] }'],
  ['a line for the shell, which is not executed', '{ shell: "./stop.sh && echo done" }'],
])('the doctor accepts %s', async (_, before) => {
  expect(await hookFinding(before)).toMatchObject({ level: 'ok' });
});

test.each([
  ['a program that is not in PATH', '{ run: [stopp.sh] }', /no program stopp.sh in PATH/],
  ['a file that does not exist', '{ run: [/nowhere/stop.sh] }', /no file \/nowhere\/stop.sh/],
  ['a folder', '{ run: [./directory] }', /no file .*directory/],
  ['a line that the shell cannot read', '{ shell: "if true; do" }', /cannot read the line/],
])('the doctor refuses %s', async (_, before, detail) => {
  expect(await hookFinding(before)).toMatchObject({
    level: 'fault',
    code: 'config_invalid',
    detail: expect.stringMatching(detail),
    hint: expect.stringMatching(/\.$/),
  });
});

test('the doctor refuses a program that is not executable, and says how to make it so', async () => {
  expect(await hookFinding('{ run: [plain.sh] }')).toMatchObject({
    detail: expect.stringMatching(/plain.sh is not executable for this user$/),
    hint: expect.stringMatching(/^Make it executable: chmod \+x \/.*plain.sh$/),
  });
});
