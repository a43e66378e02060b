import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Store } from '../../core/store/store.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { BACKUP, RESTORE, testApp } from '../support/app.ts';
import { sql, SMALL } from '../support/databases.ts';
import { datedSource } from '../support/dated-source.ts';
import { folder } from '../support/files.ts';

const DAY = 86_400_000;
const START = Date.parse('2026-11-25T03:00:00Z');

/** A database with a daily schedule, and a clock of the test's own, in days from the start. */
const world = async (store: Store = createMemoryStore()) => {
  const cwd = folder();
  writeFileSync(
    `${cwd}/lifeboat.yaml`,
    "databases: { notes: { source: notes.db, schedule: '0 3 * * *' } }\n",
  );
  const clock = { now: new Date(START) };
  const lines: { severity: string; message: string; event: unknown }[] = [];
  const app = await testApp({
    cwd,
    overrides: {
      store,
      now: () => clock.now,
      openSource: datedSource(() => clock.now),
    },
    log: (severity, message, fields) =>
      void lines.push({ severity, message, event: fields?.['event'] }),
  });
  sql(app.at('notes.db'), SMALL);
  let count = 0;
  const at = (day: number): void => void (clock.now = new Date(START + day * DAY));
  const backup = async (day: number) => {
    at(day);
    sql(app.at('notes.db'), `update notes set body = 'change ${(count += 1)}' where id = 1`);
    return app.backup('notes', BACKUP);
  };
  const restore = async (where = 'latest') =>
    (await app.restore('notes', { ...RESTORE, at: where, to: `out-${(count += 1)}.db` })).id;
  const status = () => app.statusOf('notes', { fromSummaries: false });
  const warnings = () => lines.filter(({ event }) => event === 'clock');
  return { app, at, backup, restore, status, warnings };
};

describe('one backup with a clock that was a year ahead', () => {
  const history = async () => {
    const it = await world();
    const real = [await it.backup(-2), await it.backup(-1)];
    const future = await it.backup(365);
    for (const day of [0, 1, 2]) real.push(await it.backup(day));
    return { ...it, future, real, newest: real.at(-1) };
  };

  test('does not become the newest, neither now nor when its time has come', async () => {
    const { at, restore, newest, future, real } = await history();
    expect(await restore()).toBe(newest?.id);
    at(366);
    expect(await restore()).toBe(newest?.id);
    expect(await restore(future.id)).toBe(future.id);
    expect(await restore(real[0]?.id)).toBe(real[0]?.id);
  });

  test('hides no backup that is late, and is reported by watch and status', async () => {
    const { app, at, status, warnings, newest } = await history();
    expect((await status()).reasons).toEqual(['backup-from-future']);
    at(40);
    const { fresh, reasons, lastBackup } = await status();
    expect([fresh, lastBackup?.id]).toEqual([false, newest?.id]);
    expect(reasons).toEqual(['late', 'backup-from-future', 'restore-test-overdue']);
    const { findings } = await app.watch();
    const shown = findings.map(({ check, level }) => `${check} ${level}`);
    expect(shown).toContain('late fault');
    expect(shown).toContain('clock warning');
    expect(warnings().map(({ severity }) => severity)).toContain('WARNING');
  });

  test('is no parent, takes no slot from others and no place among the held two', async () => {
    const { app, future, real } = await history();
    const listed = await app.list('notes');
    const held = listed.filter(({ held: each }) => each).map(({ id }) => id);
    // What it holds itself is left as it is: if the clock is wrong now, it is the real one.
    expect(held).toEqual(
      expect.arrayContaining([future.id, ...real.slice(-2).map(({ id }) => id)]),
    );
    expect(listed.some(({ parent }) => parent === future.id)).toBe(false);
    expect(listed.find(({ id }) => id === future.id)?.fault?.level).toBe('future');
  });
});

describe('a clock that is behind', () => {
  test('makes no sound backup expire, and its own backup is the newest while it lasts', async () => {
    const { app, backup, restore, at } = await world();
    const real = [await backup(0), await backup(1)];
    const behind = await backup(-400);
    expect(behind.kind).toBe('full');
    expect(await restore()).toBe(behind.id);
    const held = (await app.list('notes')).filter(({ held: each }) => each).map(({ id }) => id);
    expect(new Set(held)).toEqual(new Set([behind, ...real].map(({ id }) => id)));
    const next = await backup(2);
    expect(await restore()).toBe(next.id);
    at(2);
  });

  test('on a machine that only restores: the newest of all is chosen, with a warning', async () => {
    const { backup, restore, at, warnings } = await world();
    await backup(0);
    const last = await backup(1);
    at(-3000);
    expect(await restore()).toBe(last.id);
    expect(warnings().at(-1)?.message).toMatch(/behind every backup/);
  });
});

test('a restore says when it passes over an unreadable backup from the future', async () => {
  const store = createMemoryStore();
  const { backup, restore, at, warnings } = await world(store);
  const first = await backup(0);
  const planted = 'databases/notes/20261201T030000Z-1a2b3c4d/manifest.json';
  await store.create(planted, Buffer.from('no JSON'));
  at(0);
  expect(await restore()).toBe(first.id);
  expect(warnings().at(-1)?.message).toBe(
    `the manifest of notes/20261201T030000Z-1a2b3c4d cannot be read, and its time is in the future; using the newest backup before now: ${first.id}`,
  );
  at(10);
  await expect(restore()).rejects.toMatchObject({ code: 'backup_damaged' });
});

describe('a store with a clock of its own', () => {
  /** A bucket whose clock is so many days ahead of that of the machine. */
  const bucket = (clock: () => Date): Store => {
    const store = createMemoryStore();
    const dated = new Map<string, Date>();
    return {
      ...store,
      create: async (key, ...rest) => {
        const object = await store.create(key, ...rest);
        if (!object) return undefined;
        dated.set(key, clock());
        return { ...object, written: clock() };
      },
      list: async function* (prefix) {
        for await (const object of store.list(prefix)) {
          const written = dated.get(object.key);
          yield written ? { ...object, written } : object;
        }
      },
    };
  };

  test.each([
    [400, 'behind'],
    [-400, 'ahead of'],
  ])('%i days ahead: a backup warns that the machine is %s it', async (days, side) => {
    let clock = new Date(START);
    const { backup, warnings } = await world(bucket(() => clock));
    clock = new Date(START + days * DAY);
    await backup(0);
    expect(warnings().map(({ severity, message }) => [severity, message])).toEqual([
      ['WARNING', expect.stringContaining(`${side} that of`)],
    ]);
  });

  test('shows that the backups of others are not from the future', async () => {
    let clock = new Date(START);
    const { app, backup, restore, at } = await world(bucket(() => clock));
    await backup(0);
    clock = new Date(START + 10 * DAY);
    const newest = await backup(10);
    // The machine that restores is behind, the bucket is not.
    at(5);
    expect(await restore()).toBe(newest.id);
    expect((await app.list('notes')).map(({ fault }) => fault)).toEqual([null, null]);
  });
});
