import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BACKUP, testApp } from '../support/app.ts';
import { sql } from '../support/databases.ts';
import { datedSource } from '../support/dated-source.ts';
import { folder } from '../support/files.ts';

type Day = readonly [time: string, reason: string, kind: 'auto' | 'full'];

/** Backups of one database at these times, each after a change. */
const history = async (days: readonly Day[], retention = '{}') => {
  const cwd = folder();
  writeFileSync(
    join(cwd, 'lifeboat.yaml'),
    `store: backups\ndatabases: { shop: { source: shop.db, retention: ${retention} } }\n`,
  );
  const clock = { now: new Date(0) };
  const logged: string[] = [];
  const app = await testApp({
    cwd,
    overrides: { now: () => clock.now, openSource: datedSource(() => clock.now) },
    log: (_severity, message, fields) =>
      void (fields?.['event'] === 'promoted' && logged.push(message)),
  });
  sql(
    app.at('shop.db'),
    'create table t (id integer primary key, v text); insert into t values (1, hex(zeroblob(20000)))',
  );
  const ids: string[] = [];
  for (const [time, reason, kind] of days) {
    clock.now = new Date(`2026-11-${time}:00Z`);
    ids.push((await app.backup('shop', { ...BACKUP, reason, kind })).id);
    sql(app.at('shop.db'), "insert into t (v) values ('more')");
  }
  return {
    app,
    ids,
    logged,
    path: (at: number, name: string): string => {
      const folder = join(cwd, 'backups/databases/shop', ids[at] ?? '');
      return join(
        folder,
        readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((each) =>
          each.endsWith(name),
        ) ?? '',
      );
    },
    expiries: async () =>
      (await app.list('shop')).map(
        ({ id, expires }) => `${ids.indexOf(id)} until ${expires.slice(0, 10)}`,
      ),
    verify: async () => {
      const { backups, promoted } = await app.verify('shop', { readData: true });
      return {
        damaged: backups.filter(({ ok }) => !ok).map(({ id }) => ids.indexOf(id)),
        promoted: promoted.map(
          ({ id, slot, instead }) =>
            `${ids.indexOf(id)} for the ${slot} of ${ids.indexOf(instead)}`,
        ),
      };
    },
  };
};

/** The holder of every slot on Monday, an increment on it, a full one before a deploy, and an increment on that. */
const WEEK: readonly Day[] = [
  ['23T03:00', 'schedule', 'auto'],
  ['24T03:00', 'schedule', 'auto'],
  ['25T12:00', 'pre-deploy', 'full'],
  ['26T03:00', 'schedule', 'auto'],
];

describe('verify of a database whose slots are lost', () => {
  test('keeps the first sound backup of the period in place of the damaged one, and has nothing to do the second time', async () => {
    const { path, expiries, verify, logged } = await history(WEEK);
    // Released on the 26th, the second one lives for the daily time from then.
    expect(await expiries()).toEqual([
      '3 until 2026-12-10',
      '2 until 2026-12-10',
      '1 until 2026-12-10',
      '0 until 2029-11-23',
    ]);
    writeFileSync(path(0, 'database.sqlite3.zst'), 'not what was stored');
    expect(await verify()).toEqual({
      damaged: [1, 0],
      promoted: ['2 for the weekly of 0', '2 for the monthly of 0', '2 for the yearly of 0'],
    });
    const after = [
      '3 until 2026-12-10',
      '2 until 2029-11-25',
      '1 until 2026-12-10',
      '0 until 2029-11-23',
    ];
    expect(await expiries()).toEqual(after);
    expect(await verify()).toEqual({ damaged: [1, 0], promoted: [] });
    expect(await expiries()).toEqual(after);
    expect(logged).toHaveLength(3);
  });

  test('a replacement that is an increment keeps its ancestors too, with their data', async () => {
    const days: readonly Day[] = [
      ['22T12:00', 'pre-deploy', 'full'],
      ['23T01:00', 'pre-deploy', 'auto'],
      ['23T03:00', 'schedule', 'auto'],
    ];
    const { path, expiries, verify } = await history(days, '{ monthly: 0, yearly: 0 }');
    expect(await expiries()).toEqual([
      '2 until 2027-01-18',
      '1 until 2026-12-07',
      '0 until 2026-12-07',
    ]);
    writeFileSync(path(2, 'database.sqlite3.zst'), 'not what was stored');
    expect(await verify()).toEqual({ damaged: [2], promoted: ['1 for the weekly of 2'] });
    expect(await expiries()).toEqual([
      '2 until 2027-01-18',
      '1 until 2027-01-18',
      '0 until 2027-01-18',
    ]);
    const sidecar = JSON.parse(readFileSync(path(0, 'zst.meta'), 'utf8')) as { expires: string };
    expect(sidecar.expires.slice(0, 10)).toBe('2027-01-21');
  });

  test('when the manifest of the holder cannot be read, another backup of the period is kept', async () => {
    const { path, expiries, verify } = await history(WEEK);
    writeFileSync(path(0, 'manifest.json'), '{');
    expect((await verify()).promoted).toEqual([
      '2 for the weekly of 0',
      '2 for the monthly of 0',
      '2 for the yearly of 0',
    ]);
    expect(await expiries()).toContain('2 until 2029-11-25');
    expect((await verify()).promoted).toEqual([]);
  });
});
