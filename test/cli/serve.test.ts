import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from '../support/cli.ts';
import { folder } from '../support/files.ts';

test.each<[string, string[], Record<string, string>, string]>([
  ['on all interfaces without a token', ['--host', '0.0.0.0'], {}, 'config_invalid'],
  ['on a network address without a token', ['--host', '192.0.2.1'], {}, 'config_invalid'],
  ['with a short token', [], { LIFEBOAT_SERVE_TOKEN: 'secret' }, 'config_invalid'],
  ['on a name', ['--host', 'localhost'], {}, 'usage'],
])('lifeboat serve does not start %s', async (_, flags, env, code) => {
  const cwd = folder();
  writeFileSync(join(cwd, 'lifeboat.yaml'), 'databases: { shop: { source: shop.db } }\n');
  const { status, stdout } = await runCli(cwd, ['serve', '--json', '--port', '0', ...flags], env);
  expect([status, JSON.parse(stdout).error.code]).toEqual([2, code]);
});

test('lifeboat serve does not start without a configuration: only `dev` has a sample', async () => {
  const { status, stdout } = await runCli(folder(), ['serve', '--json', '--port', '0']);
  expect([status, JSON.parse(stdout).error.hint]).toEqual([
    2,
    expect.stringContaining('lifeboat init'),
  ]);
});
