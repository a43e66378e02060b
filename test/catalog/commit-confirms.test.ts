import { describe, expect, test } from 'vitest';
import { createCatalog } from '../../core/catalog/catalog.ts';
import { collect } from '../../core/lib/bytes/bytes.ts';
import type { Store } from '../../core/store/store.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { DATABASE, simulateBackup } from '../support/simulated-backup.ts';

const NOW = new Date('2026-11-23T03:00:00Z');
const REQUEST = { key: 'run', requestedAt: NOW };
const RETENTION = { daily: 14, weekly: 8, monthly: 12, yearly: 3 };

const isData = (key: string): boolean => key.endsWith('.zst');

/** A store that does not list the checksum of the data, and may return something else for it. */
const forgetful = (change: (bytes: Buffer) => Uint8Array) => {
  const memory = createMemoryStore();
  const reads: string[] = [];
  const store: Store = {
    ...memory,
    list: async function* (prefix) {
      for await (const object of memory.list(prefix))
        yield isData(object.key) ? { ...object, crc32c: undefined } : object;
    },
    read: async function* (key) {
      reads.push(key);
      const bytes = await collect(memory.read(key));
      yield isData(key) ? change(bytes) : bytes;
    },
  };
  return { store, dataReads: () => reads.filter((key) => key.includes('/a1/')) };
};

const backUp = (store: Store) =>
  simulateBackup(
    { store, now: () => NOW, attempt: 'a1' },
    { retention: RETENTION, timeZone: 'UTC' },
    REQUEST,
  );

const countBackups = async (store: Store) =>
  (await createCatalog(store, { olderKeys: [] }, () => NOW).list(DATABASE)).manifests.length;

describe('a new object whose checksum the store does not list', () => {
  test('is read once, and confirmed by its content', async () => {
    const { store, dataReads } = forgetful((bytes) => bytes);
    await backUp(store);
    expect(await countBackups(store)).toBe(1);
    expect(dataReads().map(isData)).toEqual([true]);
  });

  test.each<[string, (bytes: Buffer) => Uint8Array]>([
    [
      'has a flipped bit',
      (bytes) => Buffer.concat([Buffer.of((bytes[0] ?? 0) ^ 1), bytes.subarray(1)]),
    ],
    ['is cut', (bytes) => bytes.subarray(1)],
    ['goes on', (bytes) => Buffer.concat([bytes, bytes])],
  ])('and that %s prevents the commit', async (_, change) => {
    const { store } = forgetful(change);
    await expect(backUp(store)).rejects.toMatchObject({ code: 'store_unreachable' });
    expect(await countBackups(store)).toBe(0);
  });
});
