import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { parseConfig } from '../../core/config/load.ts';
import type { Context } from '../../core/context.ts';
import { databaseDetail } from '../../core/status/database.ts';
import { readSummary, type State } from '../../core/state/state.ts';
import { BACKUP, testApp } from '../support/app.ts';
import { sql, SMALL } from '../support/databases.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { nightly } from '../support/summaries.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
const store = createMemoryStore();
const context = { store } as unknown as Context;
const put = async (value: unknown): Promise<void> => {
  const found = await store.stat('state/shop.json');
  await store.replace(
    'state/shop.json',
    Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
    found?.generation,
  );
};

const config = parseConfig('databases: { shop: { source: shop.db } }', '/');
const detailOf = (state: State | undefined) =>
  databaseDetail({ name: 'shop', state, job: 'no-deployment' }, config, NOW);

describe('the summary of a database', () => {
  test('is read when an older version wrote it, without rows and manifest', async () => {
    const { rows: _, newest: __, ...old } = nightly('shop', NOW);
    await put(old);
    const { history, manifest, backups } = detailOf(await readSummary(context, 'shop'));
    expect([history.length, history[0]?.rows, manifest, backups]).toEqual([37, {}, null, 37]);
  });

  test('that an older version brought up to date shows no rows and no manifest of another backup', async () => {
    const state = nightly('shop', NOW);
    const [first, ...rest] = state.backups;
    const newest = { id: first?.id } as NonNullable<State['newest']>;
    await put({ ...state, newest });
    expect(detailOf(await readSummary(context, 'shop'))).toMatchObject({ manifest: newest });
    const added = { ...first, id: '20261124T100000Z-00000000' };
    await put({ ...state, newest, backups: [added, first, ...rest] });
    const { history, manifest } = detailOf(await readSummary(context, 'shop'));
    expect([history[0]?.rows, Object.keys(history[1]?.rows ?? {}).length, manifest]).toEqual([
      {},
      6,
      null,
    ]);
  });

  test.each<[string, Partial<Record<keyof State, unknown>>]>([
    ['invalid rows', { rows: [1, 2] }],
    ['rows of texts', { rows: { tables: ['a'], counts: { x: ['many'] } } }],
    ['an invalid manifest', { newest: 'manifest' }],
  ])('with %s is read without them', async (_, more) => {
    await put({ ...nightly('shop', NOW), ...more });
    expect((await readSummary(context, 'shop'))?.backups).toHaveLength(37);
  });

  test.each<[string, unknown]>([
    ['cut', '{"lifeboat": 1, "database'],
    ['of another database', nightly('wiki', NOW)],
    ['only the notification memory', { told: {} }],
    [
      'with a backup of no time',
      { ...nightly('shop', NOW), backups: [{ id: 'x', takenAt: 'soon' }] },
    ],
    ['with a restore test of no time', { ...nightly('shop', NOW), lastRestoreTest: { at: 1 } }],
    ['of another format', { ...nightly('shop', NOW), lifeboat: 2 }],
  ])('that is %s counts as missing', async (_, value) => {
    await put(value);
    expect(await readSummary(context, 'shop')).toBeUndefined();
  });

  test('is readable by an older version, and with 400 backups small enough for one request', async () => {
    const state = nightly('shop', NOW, { backups: 400 });
    await put(state);
    // The frame that version 0.1.0 looked at.
    const frame = z.looseObject({
      lifeboat: z.literal(1),
      database: z.string(),
      backups: z.array(z.looseObject({ id: z.string() })),
      runs: z.array(z.looseObject({ run: z.string() })),
    });
    expect(frame.safeParse(JSON.parse(JSON.stringify(state))).success).toBe(true);
    expect(JSON.stringify(state.rows).length).toBeLessThan(60_000);
  });

  test('holds the rows of the largest tables of each backup, and the newest manifest without its pages', async () => {
    const app = await testApp();
    sql(app.at('notes.db'), SMALL);
    for (let n = 0; n < 15; n += 1) sql(app.at('notes.db'), `create table t${n} (x)`);
    sql(app.at('notes.db'), 'create table "__proto__" (x); insert into "__proto__" values (1)');
    const first = await app.backup('notes.db', BACKUP);
    sql(
      app.at('notes.db'),
      'insert into notes (body) values (\'one more\'); drop table "__proto__"',
    );
    // The guard notices that a table with rows is gone.
    const { id } = await app.backup('notes.db', { ...BACKUP, accept: true });
    const { history, manifest } = await app.statusOf('notes', { fromSummaries: true });
    expect(
      history.map(({ id: each, kind, rows }) => [
        each,
        kind,
        rows['notes'],
        Object.keys(rows).length,
      ]),
    ).toEqual([
      [id, 'incremental', 401, 12],
      [first.id, 'full', 400, 12],
    ]);
    expect(manifest).toMatchObject({
      id,
      kind: 'incremental',
      lifeboat: 1,
      inspection: { tables: { notes: 401 } },
    });
    expect(manifest).not.toHaveProperty('pages');
    expect(await app.statusOf('notes')).toMatchObject({ history, manifest });
  });
});
