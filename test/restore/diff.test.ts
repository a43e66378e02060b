import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BACKUP, testApp } from '../support/app.ts';
import { runCli } from '../support/cli.ts';
import { sql } from '../support/databases.ts';
import { folder } from '../support/files.ts';

test('diff compares two backups by what their manifests record', async () => {
  const cwd = folder();
  writeFileSync(join(cwd, 'lifeboat.yaml'), 'databases: { shop: { source: shop.db } }\n');
  const app = await testApp({ cwd });
  const change = async (text: string) => {
    sql(app.at('shop.db'), text);
    return (await app.backup('shop', BACKUP)).id;
  };
  const first = await change(
    'create table __proto__ (x); create table gone (x); create table same (x); insert into __proto__ values (1), (2), (3)',
  );
  await expect(app.diff('shop', { from: undefined, to: 'latest' })).rejects.toMatchObject({
    code: 'not_found',
    message: `there is no backup of shop before ${first}`,
  });
  const second = await change('insert into __proto__ values (4)');
  const third = await change(
    'delete from __proto__ where x > 3; drop table gone; create table "a\nb\u001B[2J" (x)',
  );
  const name = 'a\nb\u001B[2J';
  expect(await app.diff('shop', { from: second, to: 'latest' })).toMatchObject({
    database: 'shop',
    from: { id: second },
    to: { id: third },
    schemaChanged: true,
    tables: [
      { name: '__proto__', from: 4, to: 3 },
      { name, from: null, to: 0 },
      { name: 'gone', from: 0, to: null },
    ],
    migrations: [],
  });
  expect(await app.diff('shop', { from: undefined, to: second })).toMatchObject({
    from: { id: first },
    schemaChanged: false,
    tables: [{ name: '__proto__', from: 3, to: 4 }],
  });
  const { status, stdout } = await runCli(cwd, ['diff', 'shop', first]);
  expect(status).toBe(0);
  expect(stdout).toMatch(
    /^Database {2}shop\nFrom .* \(now\)\nTo .*\nSize .* to .*\nSchema +changed\n\nTABLE +ROWS BEFORE +ROWS AFTER +CHANGE\n/,
  );
  expect(stdout).toMatch(/\na\\nb\\u001b\[2J +0 +new table\ngone +0 +table is gone\n$/);
  expect((await runCli(cwd, ['diff', 'shop', 'latest', 'latest'])).stdout).toContain(
    '\nEvery table has as many rows as before.\n',
  );
});
