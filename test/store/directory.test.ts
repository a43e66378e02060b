import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createDirectoryStore } from '../../core/store/directory/directory.ts';
import { storeContract } from '../contract/store.ts';
import { folder } from '../support/files.ts';

storeContract('the directory store', async () => createDirectoryStore(join(folder(), 'store')));

const body = Buffer.from('content');
const past = new Date('2020-01-01T00:00:00Z');
const now = new Date('2026-11-23T00:00:00Z');

describe('the directory store', () => {
  test('is private to its user', async () => {
    const root = join(folder(), 'store');
    await createDirectoryStore(root).create('a/b', body);
    expect(['', 'a', 'a/b'].map((name) => statSync(join(root, name)).mode & 0o777)).toEqual([
      0o700, 0o700, 0o600,
    ]);
  });

  test.each([
    ['../escape'],
    ['/etc/passwd'],
    ['a//b'],
    ['a/../b'],
    ['.tmp-123'],
    ['a.meta'],
    ['a b'],
    [''],
  ])('refuses the key %j', async (key) => {
    await expect(createDirectoryStore(folder()).create(key, body)).rejects.toMatchObject({
      code: 'internal',
    });
  });

  test('deletes expired objects, but none that is held, has not expired, or never expires', async () => {
    const store = createDirectoryStore(folder());
    await store.create('expired', body, { expires: past });
    await store.create('held', body, { expires: past });
    await store.hold('held', true);
    await store.create('fresh', body, { expires: new Date('2030-01-01T00:00:00Z') });
    await store.create('forever', body);
    const removed = await Promise.all(
      ['expired', 'held', 'fresh', 'forever', 'absent'].map((key) => store.remove(key, now)),
    );
    expect(removed).toEqual([true, false, false, false, true]);
    expect(await store.stat('expired')).toBeUndefined();
  });

  test('deletes nothing that has not expired by the clock of the file server', async () => {
    const store = createDirectoryStore(folder());
    const expires = new Date(Date.now() + 86_400_000);
    await store.create('fresh', body, { expires });
    // The clock of this machine is a year ahead.
    expect(await store.remove('fresh', new Date(Date.now() + 365 * 86_400_000))).toBe(false);
    expect(await store.stat('fresh')).toMatchObject({ expires });
  });

  test('changes nothing after another process took over the lock', async () => {
    const root = folder();
    const store = createDirectoryStore(root);
    const before = await store.create('one', body);
    const { open } = promises;
    const clock = performance.now.bind(performance);
    // Another process takes over while this one writes the new metadata, and stands still.
    promises.open = async (...args) => {
      if (String(args[0]).includes('.tmp-')) {
        writeFileSync(join(root, 'one.meta.lock'), '17-4711-0a1b2c3d 89abcdef');
        vi.spyOn(performance, 'now').mockImplementation(() => clock() + 20_000);
      }
      return open(...args);
    };
    syncBuiltinESMExports();
    onTestFinished(() => {
      promises.open = open;
      syncBuiltinESMExports();
    });
    await expect(store.hold('one', true)).rejects.toMatchObject({ code: 'store_unreachable' });
    expect(await store.stat('one')).toEqual(before);
    expect(readdirSync(root).sort()).toEqual(['one', 'one.meta', 'one.meta.lock']);
  });

  test('lists everything when an entry vanishes while the types of entries are looked up, as on NFS', async () => {
    const root = folder();
    const store = createDirectoryStore(root);
    await store.create('a/one', body);
    const { readdir } = promises;
    let failures = 3;
    const failing = async (...args: Parameters<typeof readdir>) => {
      if ((failures -= 1) >= 0) throw Object.assign(new Error('vanished'), { code: 'ENOENT' });
      return readdir(...args);
    };
    promises.readdir = failing as typeof readdir;
    syncBuiltinESMExports();
    onTestFinished(() => {
      promises.readdir = readdir;
      syncBuiltinESMExports();
    });
    const keys: string[] = [];
    for await (const { key } of store.list('')) keys.push(key);
    expect(keys).toEqual(['a/one']);
    failures = 1000;
    const first = store.list('')[Symbol.asyncIterator]().next();
    await expect(first).rejects.toMatchObject({ code: 'store_unreachable' });
  });

  test('keeps an object without a sidecar for ever, and does not invent a checksum for it', async () => {
    const root = folder();
    const store = createDirectoryStore(root);
    await store.create('one', body, { expires: past });
    rmSync(join(root, 'one.meta'));
    expect(await store.stat('one')).toMatchObject({ size: 7, held: false });
    expect((await store.stat('one'))?.crc32c).toBeUndefined();
    expect(await store.remove('one', now)).toBe(false);
    await store.extend('one', now);
    await store.hold('one', true);
  });

  test('does not give a file the checksum of the one that it replaced', async () => {
    const root = folder();
    const store = createDirectoryStore(root);
    await store.create('one', body);
    writeFileSync(join(root, 'one'), 'CONTENT');
    expect((await store.stat('one'))?.crc32c).toBeUndefined();
  });

  test('reports that its path is a file', async () => {
    const root = folder();
    writeFileSync(join(root, 'file'), '');
    await expect(
      createDirectoryStore(join(root, 'file')).create('one', body),
    ).rejects.toMatchObject({ code: 'store_unreachable' });
  });
});
