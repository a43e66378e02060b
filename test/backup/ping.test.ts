import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startService } from '../fakes/http-service.ts';
import { BACKUP, testApp } from '../support/app.ts';
import { sql, SMALL } from '../support/databases.ts';
import { folder } from '../support/files.ts';

const configured = (yaml: string) => {
  const cwd = folder();
  writeFileSync(join(cwd, 'lifeboat.yaml'), yaml);
  return testApp({ cwd });
};

test('a verified backup of a database pings its URL, and a failed one does not', async () => {
  const service = await startService(() => ({ status: 200 }));
  const yaml = `databases: { shop: { source: shop.db, ping: "${service.url}/secret-path" }, blog: { source: blog.db } }\n`;
  const app = await configured(yaml);
  for (const name of ['shop.db', 'blog.db']) sql(app.at(name), SMALL);
  await app.backup('blog', BACKUP);
  expect(service.received).toEqual([]);
  await app.backup('shop', BACKUP);
  expect(service.received.map(({ path }) => path)).toEqual(['/secret-path']);
  rmSync(app.at('shop.db'));
  await expect(app.backup('shop', BACKUP)).rejects.toThrow();
  expect(service.received).toHaveLength(1);
});

test('a ping that is refused does not fail the backup', async () => {
  const service = await startService(() => ({ status: 404 }));
  const yaml = `databases: { shop: { source: shop.db, ping: "${service.url}/secret-path" } }\n`;
  const app = await configured(yaml);
  sql(app.at('shop.db'), SMALL);
  expect(await app.backup('shop', BACKUP)).toMatchObject({ database: 'shop', verdict: 'ok' });
});
