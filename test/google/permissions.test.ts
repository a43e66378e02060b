import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { POLICIES } from '../fakes/gcs-server/permissions.ts';
import type { Kind } from '../fakes/gcs-server/types.ts';
import { permissionsOnPage } from '../hcl/permissions.ts';
import { BACKUP, testApp } from '../support/app.ts';
import { sql, SMALL } from '../support/databases.ts';
import { folder } from '../support/files.ts';
import { BUCKET, gcsServer, gcsStore } from '../support/gcs.ts';

const PERMISSION: Readonly<Record<Kind, string>> = {
  create: 'storage.objects.create',
  get: 'storage.objects.get',
  list: 'storage.objects.list',
  update: 'storage.objects.update',
  delete: 'storage.objects.delete',
  bucket: 'storage.buckets.get',
};
const NAMES = {
  backup: 'backup',
  restoreTest: 'restore-test',
  watch: 'watch',
  status: 'status',
} as const;

/** What the page grants an identity on the backup bucket: `storage.objects.get databases/*`. */
const documented = (identity: string): string[] => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/permissions.md'), 'utf8');
  const rows = permissionsOnPage(page)
    .filter(
      ({ identity: who, permission, on }) =>
        who === identity && permission.startsWith('storage.') && !/^(gs:|the source)/.test(on),
    )
    .map(({ permission, on }) => `${permission} ${on}`);
  // Where the whole bucket is granted, a part of it adds nothing.
  return rows
    .filter(
      (row) => row.endsWith(' the bucket') || !rows.includes(`${row.split(' ')[0]} the bucket`),
    )
    .sort();
};

describe('the rights of each identity', () => {
  test.each(Object.entries(NAMES))(
    'that the fake bucket enforces for %s are those of docs/permissions.md',
    (policy, name) => {
      const { identity: _, ...rights } = POLICIES()[policy as keyof typeof NAMES];
      const enforced = Object.entries(rights).flatMap(([kind, places]) =>
        places.map(
          (place) => `${PERMISSION[kind as Kind]} ${place === '' ? 'the bucket' : `${place}*`}`,
        ),
      );
      expect(enforced.length).toBeGreaterThan(2);
      expect(enforced.sort()).toEqual(documented(name));
      if (name === 'backup') expect(documented('backup-now')).toEqual(documented('backup'));
    },
  );

  describe.each([
    ['the right to overwrite is looked at after the precondition', false],
    ['the right to overwrite is looked at first', true],
  ])('are enough when %s:', (_title, deniesFirst) => {
    const system = async () => {
      const cwd = folder();
      writeFileSync(
        join(cwd, 'lifeboat.yaml'),
        `store: gs://${BUCKET}\ndatabases: { notes: { source: notes.db } }\n`,
      );
      const server = await gcsServer({ deniesFirst });
      const errors: string[] = [];
      const as = (name: keyof typeof NAMES) =>
        testApp({
          cwd,
          configuredOnly: true,
          overrides: { store: gcsStore(server.as(name), { tuning: {} }) },
          log: (severity, message) => void (severity === 'ERROR' && errors.push(message)),
        });
      return { server, errors, as, backup: await as('backup') };
    };

    test('backups of each kind, the same request again, an idempotency key, a restore test, a verify and the status', async () => {
      const { errors, as, backup } = await system();
      sql(backup.at('notes.db'), SMALL);
      const request = { ...BACKUP, key: 'message 1', requestedAt: new Date() };
      const full = await backup.backup('notes', request);
      expect((await backup.backup('notes', request)).id).toBe(full.id);
      sql(backup.at('notes.db'), "update notes set body = 'changed' where id = 7");
      const keyed = { ...BACKUP, kind: 'incremental', key: 'deploy 1', claim: true } as const;
      const increment = await backup.backup('notes', keyed);
      expect(increment).toMatchObject({ kind: 'incremental', parent: full.id });
      expect((await backup.backup('notes', keyed)).id).toBe(increment.id);
      // Two full ones let go of what was held before.
      for (let n = 0; n < 2; n += 1) await backup.backup('notes', { ...BACKUP, kind: 'full' });
      expect((await backup.list('notes')).map(({ held }) => held)).toEqual([
        true,
        true,
        false,
        false,
      ]);
      expect(
        (await backup.verify('notes', { readData: true })).backups.map(({ ok }) => ok),
      ).toEqual([true, true, true, true]);

      const { databases } = await (await as('restoreTest')).restoreTest('notes', {});
      expect(databases).toMatchObject([{ ok: true, problems: [] }]);
      const status = await (await as('status')).status({ fromSummaries: true });
      expect(status.databases).toMatchObject([
        {
          name: 'notes',
          backups: 4,
          fresh: true,
          lastFailure: null,
          lastRestoreTest: { ok: true },
        },
      ]);
      expect(errors).toEqual([]);
    });

    test('and no more: whoever reads the status sees no manifest, and whoever makes backups replaces and deletes none', async () => {
      const { server, as, backup } = await system();
      sql(backup.at('notes.db'), SMALL);
      const { id } = await backup.backup('notes', BACKUP);
      await expect((await as('status')).list('notes')).rejects.toMatchObject({
        code: 'store_denied',
        message: expect.stringContaining('lifeboat-status@'),
        hint: expect.stringContaining('storage.objects.get'),
      });
      await expect((await as('restoreTest')).retire('notes')).rejects.toMatchObject({
        code: 'store_denied',
      });
      const key = `databases/notes/${id}/manifest.json`;
      const store = gcsStore(server.as('backup'));
      const found = await store.stat(key);
      await expect(store.replace(key, Buffer.from('{}'), found?.generation)).rejects.toMatchObject({
        code: 'store_denied',
      });
      const answer = await fetch(
        `${server.as('backup')}/storage/v1/b/${BUCKET}/o/${encodeURIComponent(key)}`,
        { method: 'DELETE' },
      );
      expect(answer.status).toBe(403);
      expect(await store.stat(key)).toEqual(found);
    });
  });
});
