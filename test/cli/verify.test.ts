import { expect, test } from 'vitest';
import { BACKUP, testApp } from '../support/app.ts';
import { runCli } from '../support/cli.ts';
import { sql, SMALL } from '../support/databases.ts';

test('verify --at says which backup it chose, and how old it is', async () => {
  const app = await testApp();
  sql(app.at('shop.db'), SMALL);
  const { id } = await app.backup('shop.db', BACKUP);
  const { stdout } = await runCli(app.cwd, ['verify', 'shop', '--at', 'latest']);
  expect(stdout).toMatch(/^The backup of \d+ \w+ \d{4}, \d\d:\d\d UTC \(.+\):\n/);
  expect(stdout.split('\n')[1]).toBe(`${id}  ok`);
  expect((await runCli(app.cwd, ['verify', 'shop'])).stdout).toBe(`${id}  ok\n`);
});
