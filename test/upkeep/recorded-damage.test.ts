import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decodeManifest, encodeManifest } from '../../core/format/manifest.ts';
import { BACKUP, RESTORE, testApp } from '../support/app.ts';
import { copyStore, made, prepareStore } from '../support/damaged-store.ts';
import { flip } from '../support/flip.ts';
import { sql } from '../support/databases.ts';

prepareStore();

/** A store with a full backup and an increment of `a`, whose source can be backed up again. */
const world = async () => {
  const store = await copyStore();
  const { cwd } = store;
  writeFileSync(`${cwd}/lifeboat.yaml`, 'store: backups\ndatabases: { a: { source: a.db } }\n');
  const app = await testApp({ cwd });
  sql(app.at('a.db'), 'create table t (v text); insert into t values (hex(zeroblob(9000)))');
  const options = { to: 'out.db', at: 'latest' };
  const restore = async (at = options.at) => {
    rmSync(app.at('out.db'), { force: true });
    return app.restore('a', { ...RESTORE, ...options, at });
  };
  const backup = () => app.backup('a', { ...BACKUP, accept: true });
  const faults = async () =>
    Object.fromEntries((await app.list('a')).map(({ id, fault }) => [id, fault?.level]));
  return { ...store, app, restore, backup, faults };
};

describe('damage that verify found', () => {
  test('is not built upon: the next backup is full, and it alone is held and restored', async () => {
    const { app, find, restore, backup, faults } = await world();
    flip(find(made.full, 'database.sqlite3.zst'));
    const { backups } = await app.verify('a', { readData: false });
    expect(backups.map(({ id, ok }) => [id, ok])).toEqual([
      [made.increment, false],
      [made.full, false],
    ]);
    expect(backups[0]?.problems.join()).toContain(`it is based on ${made.full}`);
    expect(await faults()).toEqual({ [made.full]: 'damaged', [made.increment]: 'damaged' });

    const first = await backup();
    expect([first.kind, first.held, first.fault]).toEqual(['full', true, null]);
    expect((await backup()).kind).toBe('incremental');
    expect((await app.list('a')).map(({ id, held }) => [id, held])).toEqual([
      [expect.any(String), true],
      [first.id, true],
      [made.increment, false],
      [made.full, false],
    ]);
    expect((await restore()).id).not.toBe(made.increment);
    await expect(restore(made.full)).rejects.toMatchObject({ exit: 5 });
  });

  test('in a restore stays recorded after a verify whose fingerprints fit', async () => {
    const { app, find, restore, faults } = await world();
    const path = find(made.increment, 'manifest.json');
    const manifest = decodeManifest(readFileSync(path), 'a', made.increment, []);
    const { digest: _digest, hmac: _hmac, ...content } = manifest;
    writeFileSync(path, encodeManifest({ ...content, sha256: 'ab'.repeat(32) }));
    await expect(restore(made.increment)).rejects.toMatchObject({ code: 'backup_damaged' });
    const { backups } = await app.verify('a', { readData: true });
    expect(backups.map(({ id, ok }) => [id, ok])).toEqual([
      [made.increment, false],
      [made.full, true],
    ]);
    expect(await faults()).toEqual({ [made.full]: undefined, [made.increment]: 'damaged' });
  });

  test('is not what a disk did to the restored file', async () => {
    const { app, faults } = await world();
    mkdirSync(app.at('there'));
    const spoil = (done: number, total: number): void => {
      if (done < total) return;
      for (const name of readdirSync(app.at('there'))) flip(app.at(`there/${name}`), false);
    };
    const onProgress = (_: string, done: number, total: number) => spoil(done, total);
    await expect(
      app.restore('a', { ...RESTORE, at: made.increment, to: 'there/out.db', onProgress }),
    ).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('the backup itself is sound'),
    });
    expect(readdirSync(app.at('there'))).toEqual([]);
    expect(Object.values(await faults())).not.toContain('damaged');
  });

  test('leaves its slots to the next backup', async () => {
    const { app, cwd, find, backup } = await world();
    flip(find(made.full, 'database.sqlite3.zst'));
    await app.verify('a', { readData: false });
    const { id } = await backup();
    const path = `${cwd}/backups/databases/a/${id}/manifest.json`;
    const { slots } = JSON.parse(readFileSync(path, 'utf8')) as { slots: string[] };
    expect(slots).toEqual(['daily', 'weekly', 'monthly', 'yearly']);
  });

  test('is shown by status and watch until a newer backup is sound', async () => {
    const { app, find, backup } = await world();
    flip(find(made.full, 'database.sqlite3.zst'));
    await app.verify('a', { readData: false });
    const before = await app.statusOf('a', { fromSummaries: false });
    expect([before.condition, before.reasons]).toEqual(['failing', ['backup-damaged', 'missing']]);
    const summary = await app.statusOf('a', { fromSummaries: true });
    expect(summary.reasons).toEqual(before.reasons);
    await backup();
    const after = await app.statusOf('a', { fromSummaries: false });
    expect(after.reasons).toEqual([]);
    expect(after.lastBackup?.fault).toBeNull();
  });

  test('is forgotten when a later verify finds the backup sound again', async () => {
    const { app, find, faults, restore } = await world();
    const path = find(made.full, 'database.sqlite3.zst');
    flip(path);
    await app.verify('a', { readData: false });
    expect(await faults()).toMatchObject({ [made.full]: 'damaged' });
    flip(path);
    const { backups } = await app.verify('a', { readData: false });
    expect(backups.every(({ ok }) => ok)).toBe(true);
    expect(await faults()).toEqual({});
    expect((await restore()).id).toBe(made.increment);
  });

  test('is forgotten by verify once the store no longer has the backup', async () => {
    const { app, cwd, find, backup } = await world();
    flip(find(made.full, 'database.sqlite3.zst'));
    await app.verify('a', { readData: false });
    await backup();
    const recorded = () => {
      const text = readFileSync(`${cwd}/backups/state/damaged/a.json`, 'utf8');
      return (JSON.parse(text) as { backups: { id: string }[] }).backups.map(({ id }) => id);
    };
    expect(recorded()).toEqual([made.full]);
    rmSync(`${cwd}/backups/databases/a/${made.increment}`, { recursive: true });
    rmSync(`${cwd}/backups/databases/a/${made.full}`, { recursive: true });
    await app.verify('a', { readData: false });
    expect(recorded()).toEqual([]);
  });

  test('in the fingerprints alone leaves the backup restorable, held and counted', async () => {
    const { app, find, faults, backup, restore } = await world();
    flip(find(made.increment, 'fingerprints'));
    await app.verify('a', { readData: false });
    expect(await faults()).toEqual({ [made.increment]: 'suspect' });
    expect((await app.statusOf('a', { fromSummaries: false })).condition).toBe('good');
    expect((await restore()).id).toBe(made.increment);
    expect((await backup()).kind).toBe('full');
    expect((await app.list('a')).filter(({ held }) => held)).toHaveLength(3);
  });

  test('cannot be recorded in a store that refuses it, and is reported all the same', async () => {
    const { app, cwd, find } = await world();
    flip(find(made.full, 'database.sqlite3.zst'));
    writeFileSync(`${cwd}/backups/state/damaged`, 'a file where the folder should be');
    const { backups } = await app.verify('a', { readData: false });
    expect(backups.every(({ ok }) => !ok)).toBe(true);
  });
});

describe('damage that a restore found', () => {
  test('is recorded for the backup whose data is damaged', async () => {
    const { app, find, restore, faults, backup } = await world();
    const path = find(made.full, 'database.sqlite3.zst');
    flip(path);
    await expect(restore()).rejects.toMatchObject({ code: 'backup_damaged', exit: 5 });
    expect(await faults()).toEqual({ [made.full]: 'damaged', [made.increment]: 'damaged' });
    expect((await backup()).kind).toBe('full');
    // Checksums alone do not show that decoding works again, so verify decodes it.
    flip(path);
    await app.verify('a', { readData: false });
    expect(await faults()).toEqual({});
  });

  test('makes the newest backup exit 5, and never an older one in its place', async () => {
    const { find, restore } = await world();
    flip(find(made.increment, 'pages.zst'));
    for (let turn = 0; turn < 2; turn += 1)
      await expect(restore()).rejects.toMatchObject({ code: 'backup_damaged', exit: 5 });
    expect((await restore(made.full)).id).toBe(made.full);
  });
});

describe('a file that another program changed', () => {
  test('is suspect: the next backup is full, and verify tells a touched one from a damaged one', async () => {
    const { app, find, faults, backup } = await world();
    const data = find(made.full, 'database.sqlite3.zst');
    utimesSync(data, new Date(0), new Date(0));
    expect(await faults()).toEqual({ [made.full]: 'suspect', [made.increment]: 'suspect' });
    await app.verify('a', { readData: false });
    expect(await faults()).toEqual({});
    flip(data, false);
    expect(await faults()).toEqual({ [made.full]: 'suspect', [made.increment]: 'suspect' });
    expect((await backup()).kind).toBe('full');
  });
});
