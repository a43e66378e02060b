import { describe, expect, test } from 'vitest';
import { createCatalog } from '../../core/catalog/catalog.ts';
import type { Store } from '../../core/store/store.ts';
import { createDirectoryStore } from '../../core/store/directory/directory.ts';
import { rmSync, writeFileSync } from 'node:fs';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { makeChain } from '../support/chain.ts';
import { testApp } from '../support/app.ts';

const counting = (store: Store) => {
  const reads: string[] = [];
  const most = { now: 0, ever: 0 };
  const counted: Store = {
    ...store,
    read: async function* (key) {
      // The record of damage is read with every listing.
      if (key.endsWith('/manifest.json')) reads.push(key);
      most.ever = Math.max(most.ever, (most.now += 1));
      await new Promise((resolve) => setTimeout(resolve, 5));
      most.now -= 1;
      yield* store.read(key);
    },
  };
  return { counted, reads, most };
};

const prepared = async () => {
  const app = await testApp();
  const made = await makeChain(app);
  const { counted, reads, most } = counting(createDirectoryStore(app.at('backups')));
  const path = (at: number) => app.at(`backups/databases/notes/${made[at]?.id}/manifest.json`);
  return {
    made,
    reads,
    most,
    path,
    catalog: createCatalog(counted, { olderKeys: [] }, () => new Date()),
  };
};

describe('the catalog', () => {
  test('reads each manifest once, several at a time, and nothing at the next list', async () => {
    const { made, reads, most, catalog } = await prepared();
    const first = await catalog.list('notes');
    expect(reads).toHaveLength(made.length);
    expect(most.ever).toBe(made.length);
    const second = await catalog.list('notes');
    expect(reads).toHaveLength(made.length);
    expect(second.manifests).toEqual(first.manifests);
    // Two of one second come in the order of their keys, not of their making.
    expect(first.manifests.map(({ id }) => id)).toEqual(made.map(({ id }) => id).sort());
  });

  test('reads a changed manifest again, and forgets a deleted one', async () => {
    const { made, reads, path, catalog } = await prepared();
    await catalog.list('notes');
    writeFileSync(path(1), '{}');
    rmSync(path(3));
    const { manifests, damaged } = await catalog.list('notes');
    expect(reads).toHaveLength(made.length + 1);
    expect(damaged.map(({ id, error }) => [id, error.code])).toEqual([
      [made[1]?.id, 'backup_damaged'],
    ]);
    expect(manifests).toHaveLength(2);
  });

  test('reports damage at every listing', async () => {
    const { path, catalog } = await prepared();
    writeFileSync(path(0), 'no JSON');
    for (let turn = 0; turn < 2; turn += 1)
      expect((await catalog.list('notes')).damaged).toHaveLength(1);
  });

  test('does not read a planted manifest that is too large', async () => {
    const store = createMemoryStore();
    const key = 'databases/notes/20261123T030000Z-00000000/manifest.json';
    await store.create(key, Buffer.from('{}'));
    let count = 0;
    const planted: Store = {
      ...store,
      list: async function* (prefix) {
        for await (const object of store.list(prefix)) yield { ...object, size: 900 << 20 };
      },
      read: async function* (name) {
        if (name !== key) return yield* store.read(name);
        for (;;) {
          count += 1;
          yield Buffer.alloc(1 << 20);
        }
      },
    };
    const catalog = createCatalog(planted, { olderKeys: [] }, () => new Date());
    const { damaged } = await catalog.list('notes');
    expect(damaged.map(({ error }) => error.message).join()).toMatch(/larger than 64 MiB/);
    expect(count).toBe(0);
    // Without a listing, the read itself is bounded.
    await expect(catalog.read('notes', '20261123T030000Z-00000000')).rejects.toMatchObject({
      code: 'backup_damaged',
    });
    expect(count).toBe(65);
  });
});

test('a backup whose manifest appears after its objects were listed keeps its holds', async () => {
  const app = await testApp();
  const made = await makeChain(app);
  const newest = made.at(-1)?.id ?? '';
  const store = createDirectoryStore(app.at('backups'));
  const late: Store = {
    ...store,
    list: async function* (prefix) {
      for await (const object of store.list(prefix))
        if (object.key !== `databases/notes/${newest}/manifest.json`) yield object;
    },
  };
  const catalog = createCatalog(late, { olderKeys: [] }, () => new Date());
  const heldOfNewest = async () => {
    const keys: string[] = [];
    for await (const { key, held } of store.list(`databases/notes/${newest}/`))
      if (held) keys.push(key);
    return keys.length;
  };
  const before = await heldOfNewest();
  expect(before).toBe(3);
  await catalog.reconcileHolds('notes', 14);
  expect(await heldOfNewest()).toBe(before);
});

test('a name that no database can have has an empty catalog', async () => {
  const catalog = createCatalog(createMemoryStore(), { olderKeys: [] }, () => new Date());
  expect((await catalog.list("it's $HOME")).manifests).toEqual([]);
});
