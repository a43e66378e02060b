import { rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { RESTORE } from '../support/app.ts';
import { copyStore, made, prepareStore } from '../support/damaged-store.ts';

prepareStore();

describe('a newest backup that somebody deleted', () => {
  const world = async () => {
    const store = await copyStore();
    rmSync(store.find(made.increment, 'manifest.json'));
    return store;
  };

  test.each(['latest', '2100-01-01T00:00:00Z'])(
    'is missed by a restore of %s, which does not give an older one',
    async (at) => {
      const { app } = await world();
      await expect(app.restore('a', { ...RESTORE, at, to: 'out.db' })).rejects.toMatchObject({
        code: 'backup_damaged',
        exit: 5,
        message: expect.stringContaining(made.increment),
        hint: expect.stringContaining(`--at ${made.full}`),
      });
    },
  );

  test('is no obstacle to a restore that names an older one', async () => {
    const { app } = await world();
    const { id } = await app.restore('a', { ...RESTORE, at: made.full, to: 'out.db' });
    expect(id).toBe(made.full);
  });

  test('is missed by a query and by verify --at latest as well', async () => {
    const { app } = await world();
    const error = { code: 'backup_damaged', exit: 5 };
    await expect(app.query('a', { at: 'latest', sql: 'select 1' })).rejects.toMatchObject(error);
    await expect(app.verify('a', { at: 'latest', readData: false })).rejects.toMatchObject(error);
  });
});

describe('verify --at', () => {
  test('means the newest backup by latest or a time, not a salvage copy', async () => {
    const { app } = await copyStore();
    for (const at of ['latest', '2100-01-01T00:00:00Z']) {
      const { backups } = await app.verify('a', { at, readData: false });
      expect(backups).toEqual([
        { id: made.increment, takenAt: expect.any(String), ok: true, problems: [] },
      ]);
    }
  });
});
