import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openApp } from '../../core/app/open.ts';
import { BACKUP } from '../support/app.ts';
import { sql, SMALL } from '../support/databases.ts';
import { folder } from '../support/files.ts';
import { BUCKET, gcsServer } from '../support/gcs.ts';
import { startChannels } from '../support/channels.ts';

const NAMES = ['orders', 'notes', 'users'];
const setUp = async (names = NAMES) => {
  const cwd = folder();
  for (const name of names) sql(join(cwd, `${name}.db`), SMALL);
  const channels = await startChannels();
  const databases = names.map((name) => `${name}: { source: ${name}.db }`).join(', ');
  writeFileSync(join(cwd, 'lifeboat.yaml'), `databases: { ${databases} }\n${channels.yaml}`);
  const open = () => openApp({ cwd, env: { TMPDIR: cwd, ...channels.env }, notify: true });
  const app = await open();
  for (const name of names) await app.backup(name, BACKUP);
  const damage = (name: string): void => {
    const [path = ''] = globSync(join(cwd, 'backups/databases', name, '*/*/*.zst'));
    const bytes = readFileSync(path);
    bytes[bytes.length - 9] = (bytes.at(-9) ?? 0) ^ 1;
    writeFileSync(path, bytes);
  };
  return { ...channels, cwd, app, open, damage };
};
const names = (delivery: { databases?: { database: string; ok: boolean }[] } | undefined) =>
  delivery?.databases?.map(({ database, ok }) => `${database} ${ok}`).sort();

describe('a restore test', () => {
  test('of all databases in one call is told once, with all of them', async () => {
    const { app, counts, notifications, damage } = await setUp();
    damage('notes');
    await app.restoreTest(undefined, {});
    expect(counts()).toEqual([1, 1, 1, 1]);
    expect(notifications()[0]?.kind).toBe('restore-test-failed');
    expect(names(notifications()[0])).toEqual(['notes false', 'orders true', 'users true']);
  });

  test('that is fanned out is told once, by whoever is last, even when several are last at once or a message comes twice', async () => {
    const { open, counts, notifications } = await setUp();
    const [first, second, third] = [await open(), await open(), await open()];
    await first.restoreTest('orders', { round: '1001' });
    await first.restoreTest('orders', { round: '1001' });
    expect(counts()).toEqual([0, 0, 0, 0]);
    await Promise.all([
      second.restoreTest('notes', { round: '1001' }),
      third.restoreTest('users', { round: '1001' }),
    ]);
    await second.restoreTest('notes', { round: '1001' });
    expect(counts()).toEqual([1, 1, 1, 1]);
    expect(notifications()[0]).toMatchObject({ kind: 'restore-test-passed' });
    expect(names(notifications()[0])).toEqual(['notes true', 'orders true', 'users true']);
  });

  test('is told again in the next round, and not before each has reported that one', async () => {
    const { open, notifications } = await setUp(['orders', 'notes']);
    const app = await open();
    for (const [name, round] of [
      ['orders', '1'],
      ['notes', '1'],
      ['orders', '2'],
    ] as const)
      await app.restoreTest(name, { round });
    expect(notifications()).toHaveLength(1);
    await app.restoreTest('notes', { round: '2' });
    expect(notifications()).toHaveLength(2);
  });

  test('of a bucket needs no more than its identity may', async () => {
    const server = await gcsServer();
    const { env, cwd, counts, notifications } = await setUp(['orders', 'notes']);
    const as = (name: string) =>
      openApp({
        cwd,
        store: `gs://${BUCKET}`,
        env: { TMPDIR: cwd, ...env, LIFEBOAT_GCS_ENDPOINT: server.as(name) },
        notify: true,
      });
    const writer = await as('backup');
    for (const name of ['orders', 'notes']) await writer.backup(name, BACKUP);
    for (const name of ['orders', 'notes'])
      await (await as('restoreTest')).restoreTest(name, { round: '7' });
    expect(counts()).toEqual([1, 1, 1, 1]);
    expect(names(notifications()[0])).toEqual(['notes true', 'orders true']);
  });

  test('of one database by itself is told for itself', async () => {
    const { app, notifications } = await setUp(['orders', 'notes']);
    await app.restoreTest('notes', {});
    expect(notifications().map(names)).toEqual([['notes true']]);
  });
});
