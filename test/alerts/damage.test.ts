import { globSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { updateState } from '../../core/state/state.ts';
import type { Context } from '../../core/context.ts';
import { createDirectoryStore } from '../../core/store/directory/directory.ts';
import { BACKUP } from '../support/app.ts';
import { flip } from '../support/flip.ts';
import { watchWorld } from '../support/watch-world.ts';

/** Two full backups of one database. */
const twoBackups = async () => {
  const world = await watchWorld();
  const app = await world.open();
  const older = await app.backup('shop', { ...BACKUP, kind: 'full' });
  const newer = await app.backup('shop', { ...BACKUP, kind: 'full' });
  return { ...world, app, older, newer };
};
const lastGoodOf = (notification: object | undefined): unknown =>
  notification && 'lastGood' in notification ? notification.lastGood : undefined;

describe('an alert about damage', () => {
  test('has the code of damage, and names the older backup as the last good one', async () => {
    const { app, cwd, older, newer, notifications, mail } = await twoBackups();
    rmSync(globSync(join(cwd, `backups/databases/shop/${newer.id}/*/*.zst`))[0] ?? '');
    await app.watch();
    expect(notifications()).toMatchObject([
      { kind: 'watch-alarm', fault: { step: 'objects', code: 'backup_damaged' } },
    ]);
    expect(lastGoodOf(notifications()[0])).toMatchObject({ id: older.id });
    const text = mail.received[0]?.body ?? '';
    expect(text).toContain('Rely only on the last good backup');
    expect(text).not.toContain('not affected');
    expect(text).toContain('lifeboat backup shop --kind full');
  });

  test('says that there is no good backup when every one is damaged', async () => {
    const { app, cwd, notifications } = await twoBackups();
    for (const file of globSync(join(cwd, 'backups/databases/shop/*/*/*.zst'))) rmSync(file);
    await app.watch();
    expect(lastGoodOf(notifications()[0])).toBeNull();
  });

  test('does not name a backup that failed its restore test', async () => {
    const { app, cwd, older, newer, notifications } = await twoBackups();
    const context = { store: createDirectoryStore(join(cwd, 'backups')) } as unknown as Context;
    const problem = `${newer.id}: orders has 1 row, the manifest says 2`;
    const lastRestoreTest = {
      at: new Date().toISOString(),
      ok: false,
      id: newer.id,
      durationMs: 1,
      problem,
    };
    await updateState(context, 'shop', (state) => ({ ...state, lastRestoreTest }));
    await app.watch();
    expect(notifications()).toMatchObject([
      { kind: 'watch-alarm', fault: { step: 'restore-test', code: 'restore_test_failed' } },
    ]);
    expect(lastGoodOf(notifications()[0])).toMatchObject({ id: older.id });
  });

  test('does not name a backup of which damage is recorded, though it may restore', async () => {
    const { app, cwd, older, newer, notifications } = await twoBackups();
    const [prints = ''] = globSync(join(cwd, `backups/databases/shop/${newer.id}/*/fingerprints`));
    flip(prints);
    await app.verify('shop', { readData: false });
    rmSync(prints);
    await app.watch();
    expect(lastGoodOf(notifications()[0])).toMatchObject({ id: older.id });
  });

  test('of a failed backup names the older backup, too, while the newest is damaged', async () => {
    const { open, cwd, older, newer, notifications, yaml } = await twoBackups();
    rmSync(globSync(join(cwd, `backups/databases/shop/${newer.id}/*/*.zst`))[0] ?? '');
    writeFileSync(
      join(cwd, 'lifeboat.yaml'),
      `databases: { shop: { source: shop.db, health: { url: "http://127.0.0.1:9/" } } }\n${yaml}`,
    );
    await expect((await open()).backup('shop', BACKUP)).rejects.toThrow();
    expect(notifications()).toMatchObject([{ kind: 'failed' }]);
    expect(lastGoodOf(notifications()[0])).toMatchObject({ id: older.id });
  });
});

test('a watch over many databases sends one message', async () => {
  const names = Array.from({ length: 12 }, (_, n) => `db${n}`);
  const { open, counts, notifications } = await watchWorld(names);
  await (await open()).watch();
  expect(counts()).toEqual([1, 1, 1, 1]);
  expect(notifications()).toMatchObject([
    { kind: 'digest', groups: [{ kind: 'missing', databases: { length: 12 } }] },
  ]);
});
