import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BACKUP, testApp } from '../support/app.ts';
import { runCli } from '../support/cli.ts';
import { sql, SMALL } from '../support/databases.ts';
import { folder } from '../support/files.ts';
import { BUCKET, gcsServer, gcsStore } from '../support/gcs.ts';

test('an interrupted restore from a bucket that does not answer leaves no file', async () => {
  const cwd = folder();
  writeFileSync(
    join(cwd, 'lifeboat.yaml'),
    `store: gs://${BUCKET}\ndatabases: { notes: { source: notes.db } }\n`,
  );
  sql(join(cwd, 'notes.db'), SMALL);
  const server = await gcsServer();
  const app = await testApp({ cwd, overrides: { store: gcsStore(server.url) } });
  await app.backup('notes', BACKUP);
  const interrupt = new AbortController();
  server.faults = ({ kind }) => {
    if (kind !== 'download') return undefined;
    interrupt.abort();
    return { type: 'stall' };
  };
  const { status, stdout } = await runCli(
    cwd,
    ['restore', 'notes', '--to', 'back.db', '--json'],
    { LIFEBOAT_GCS_ENDPOINT: server.url },
    interrupt.signal,
  );
  expect([status, JSON.parse(stdout)]).toMatchObject([
    130,
    { ok: false, error: { code: 'interrupted' } },
  ]);
  expect(readdirSync(cwd).sort()).toEqual(['lifeboat.yaml', 'notes.db']);
});
