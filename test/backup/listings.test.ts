import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Store } from '../../core/store/store.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { BACKUP, testApp } from '../support/app.ts';
import { sql, SMALL } from '../support/databases.ts';
import { folder } from '../support/files.ts';

/** The store, and how often the catalog of a database was listed through it. */
const counting = (store: Store): { store: Store; listings: () => number } => {
  let count = 0;
  const list = (prefix: string) => {
    if (prefix === 'databases/notes/') count += 1;
    return store.list(prefix);
  };
  return { store: { ...store, list }, listings: () => count };
};

describe('the listings of a backup', () => {
  const world = async () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'lifeboat.yaml'), 'databases: { notes: { source: notes.db } }\n');
    const { store, listings } = counting(createMemoryStore());
    const app = await testApp({ cwd, configuredOnly: true, overrides: { store } });
    sql(app.at('notes.db'), SMALL);
    let before = 0;
    const backup = async (options = {}) => {
      before = listings();
      const made = await app.backup('notes', { ...BACKUP, ...options });
      return { made, listings: listings() - before };
    };
    return { app, backup };
  };

  test('a first, an incremental and a full backup list the catalog three times at most', async () => {
    const { app, backup } = await world();
    const first = await backup();
    sql(app.at('notes.db'), "update notes set body = 'changed' where id = 200");
    const second = await backup();
    const third = await backup({ kind: 'full' });
    expect([first.made.kind, second.made.kind, third.made.kind]).toEqual([
      'full',
      'incremental',
      'full',
    ]);
    expect([first.listings, second.listings, third.listings]).toEqual([3, 3, 3]);
  });

  test('a repeated request lists it once', async () => {
    const { backup } = await world();
    const request = { key: 'the deploy', requestedAt: new Date() };
    const { made } = await backup(request);
    const repeated = await backup(request);
    expect([repeated.made.id, repeated.listings]).toEqual([made.id, 1]);
  });

  test('result and summary show the holds and the expiry that the store has', async () => {
    const { app, backup } = await world();
    const results = [(await backup()).made, (await backup()).made, (await backup()).made];
    const stored = await app.list('notes');
    expect(
      (await app.statusOf('notes', { fromSummaries: true })).history.map(({ id }) => id),
    ).toEqual(stored.map(({ id }) => id));
    const [newest] = stored;
    expect(results.at(-1)).toMatchObject({ ...newest });
  });

  test('runs that end at the same time leave a summary with all their backups', async () => {
    const { app, backup } = await world();
    await Promise.all([backup(), backup(), backup({ kind: 'full' })]);
    const ids = (await app.list('notes')).map(({ id }) => id);
    const { history } = await app.statusOf('notes', { fromSummaries: true });
    expect(new Set(history.map(({ id }) => id))).toEqual(new Set(ids));
    expect(ids).toHaveLength(3);
  });
});
