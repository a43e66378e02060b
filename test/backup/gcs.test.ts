import { describe, expect, test } from 'vitest';
import { identityToRecipient } from 'age-encryption';
import { readFileSync, writeFileSync } from 'node:fs';
import { BACKUP, RESTORE, testApp } from '../support/app.ts';
import { makeChain } from '../support/chain.ts';
import { SMALL, sql } from '../support/databases.ts';
import { datedSource } from '../support/dated-source.ts';
import { folder, sha256 } from '../support/files.ts';
import { goodSettings } from '../support/bucket-settings.ts';
import { BUCKET, gcsServer } from '../support/gcs.ts';
import { identityOf, keyOf } from '../support/known-identity.ts';
import { POLICIES } from '../fakes/gcs-server/permissions.ts';

const DAY = 86_400_000;
const opened = async (
  options: { prefix?: string; env?: Record<string, string>; deniesFirst?: boolean } = {},
) => {
  const { prefix = '', env = {}, deniesFirst = false } = options;
  const policies = POLICIES(prefix === '' ? '' : `${prefix}/`);
  const server = await gcsServer({
    buckets: { [BUCKET]: goodSettings(prefix) },
    policies,
    pageSize: 3,
    deniesFirst,
  });
  const cwd = folder();
  const appAs = (endpoint: string) =>
    testApp({
      cwd,
      store: `gs://${BUCKET}${prefix === '' ? '' : `/${prefix}`}`,
      env: { TMPDIR: cwd, LIFEBOAT_GCS_ENDPOINT: endpoint, ...env },
    });
  return {
    server,
    cwd,
    app: await appAs(server.as('backup')),
    everything: await appAs(server.url),
  };
};

describe('backups in a bucket, with the rights of the backup identity alone', () => {
  test.each([
    ['', false],
    ['teams/shop', false],
    ['', true],
  ])(
    'a chain is made, listed, verified, queried and restored (prefix "%s", rights before preconditions: %s)',
    async (prefix, deniesFirst) => {
      const { app, server, everything } = await opened({ prefix, deniesFirst });
      const made = await makeChain(app);
      expect(made.map(({ kind }) => kind)).toEqual([
        'full',
        'incremental',
        'incremental',
        'incremental',
      ]);
      expect((await app.list('notes')).map(({ id }) => id)).toEqual(
        made.map(({ id }) => id).toReversed(),
      );
      // Verify also reads the records of runs, which is a person's right, not the function's.
      const { backups } = await everything.verify('notes', { readData: true });
      expect(backups.flatMap(({ problems }) => problems)).toEqual([]);
      expect(
        (await app.query('notes', { at: 'latest', sql: 'select count(*) as n from notes' })).rows,
      ).toEqual([[380]]);
      for (const { id, sha256: wanted } of made) {
        await app.restore('notes', { ...RESTORE, at: id, to: `${id}.db` });
        expect(sha256(app.at(`${id}.db`))).toBe(wanted);
      }
      expect(server.calls.filter(({ answer }) => answer === 403)).toEqual([]);
      expect(
        server
          .bucket(BUCKET)
          .names()
          .every((name) => name.startsWith(prefix)),
      ).toBe(true);
    },
  );

  test('an encrypted chain restores, and contains no page in plain text', async () => {
    const identity = identityOf('a bucket');
    const { cwd, server } = await opened();
    const recipient = await identityToRecipient(identity);
    writeFileSync(
      `${cwd}/lifeboat.yaml`,
      `databases: { notes: { source: notes.db, encryption: { recipients: [${recipient}] } } }\n`,
    );
    const env = {
      TMPDIR: cwd,
      LIFEBOAT_GCS_ENDPOINT: server.as('backup'),
      LIFEBOAT_KEY: keyOf('a bucket'),
    };
    const writer = await testApp({ cwd, store: `gs://${BUCKET}`, env });
    const made = await makeChain({
      ...writer,
      backup: (_, options) => writer.backup('notes', options),
    });
    expect(made.map(({ kind }) => kind)).toEqual([
      'full',
      'incremental',
      'incremental',
      'incremental',
    ]);
    const reader = await testApp({
      cwd,
      store: `gs://${BUCKET}`,
      env: { ...env, LIFEBOAT_IDENTITY: identity },
    });
    await reader.restore('notes', { ...RESTORE, to: 'out.db' });
    expect(sha256(`${cwd}/out.db`)).toBe(made.at(-1)?.sha256);
    await expect(writer.restore('notes', { ...RESTORE, to: 'other.db' })).rejects.toMatchObject({
      exit: 8,
    });
    for (const [name, { body }] of server.bucket(BUCKET).objects) {
      const parts: Uint8Array[] = [];
      for await (const part of body.read(0)) parts.push(part);
      expect(Buffer.concat(parts).includes('note 17 '), name).toBe(false);
    }
  });

  test('nothing under databases/ is ever overwritten or deleted, also not by the same request twice at once', async () => {
    const { cwd, server } = await opened();
    const env = { TMPDIR: cwd, LIFEBOAT_GCS_ENDPOINT: server.as('backup') };
    const app = await testApp({
      cwd,
      store: `gs://${BUCKET}`,
      env,
      overrides: { now: () => new Date('2026-11-23T03:00:00Z') },
    });
    sql(app.at('notes.db'), SMALL);
    const twice = await Promise.all(
      [1, 2].map(() => app.backup('notes.db', { ...BACKUP, key: 'one request' })),
    );
    expect(twice[0]?.id).toBe(twice[1]?.id);
    expect(await app.list('notes')).toHaveLength(1);
    const writes = server.calls.filter(
      ({ kind, name }) => ['insert', 'session'].includes(kind) && !name.startsWith('state/'),
    );
    expect(writes.filter(({ url }) => !url.includes('ifGenerationMatch=0'))).toEqual([]);
    expect(server.calls.filter(({ kind }) => kind === 'delete')).toEqual([]);
    const metas = [...server.bucket(BUCKET).objects.values()].map(({ meta }) => meta);
    for (const meta of metas.filter(({ name }) => name.startsWith('databases/')))
      expect(meta.customTime).toBeDefined();
  });

  test('the bucket deletes what has expired and keeps what is held or not yet due', async () => {
    const { cwd, server } = await opened();
    const start = Date.parse('2026-11-23T03:00:00Z');
    const clock = { now: new Date(start) };
    const env = { TMPDIR: cwd, LIFEBOAT_GCS_ENDPOINT: server.as('backup') };
    const app = await testApp({
      cwd,
      store: `gs://${BUCKET}`,
      env,
      overrides: { now: () => clock.now, openSource: datedSource(() => clock.now) },
    });
    sql(app.at('notes.db'), SMALL);
    const made: string[] = [];
    for (let day = 0; day < 4; day += 1) {
      clock.now = server.clock = new Date(start + day * DAY);
      made.push((await app.backup('notes.db', { ...BACKUP, kind: 'full', reason: 'pre-push' })).id);
    }
    const bucket = server.bucket(BUCKET);
    const present = () =>
      made.map((id) => bucket.names().includes(`databases/notes/${id}/manifest.json`));
    expect(await bucket.applyLifecycle()).toEqual([]);
    expect(present()).toEqual([true, true, true, true]);
    // The schedule stops, and years go by: the newest two stay for ever, and restore.
    clock.now = server.clock = new Date(start + 1000 * DAY);
    await bucket.applyLifecycle();
    expect(present()).toEqual([false, false, true, true]);
    expect(bucket.names().filter((name) => name.startsWith('runs/'))).toEqual([]);
    await app.restore('notes', { ...RESTORE, to: 'out.db' });
    expect(sha256(app.at('out.db'))).toBe((await app.list('notes'))[0]?.sha256);
  });

  test('a mistyped store address is refused before any call, and a folder store never loads the Google client', async () => {
    for (const store of ['gcs://acme', 'gs:/acme', 'GS://acme', 'gs://Acme', 's3://acme'])
      await expect(testApp({ store })).rejects.toMatchObject({ code: 'config_invalid', exit: 2 });
    expect(readFileSync(new URL('../../core/app/open.ts', import.meta.url), 'utf8')).not.toMatch(
      /^import .*gcs/m,
    );
  });
});
