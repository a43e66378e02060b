import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { collect } from '../../core/lib/bytes/bytes.ts';
import { createDirectoryStore } from '../../core/store/directory/directory.ts';
import type { Store, StoredObject } from '../../core/store/store.ts';
import { BACKUP, testApp } from '../support/app.ts';
import { sql } from '../support/databases.ts';
import { folder } from '../support/files.ts';

const past = new Date('2020-01-01T00:00:00Z');
const now = new Date('2026-11-23T00:00:00Z');

async function all(store: Store): Promise<StoredObject[]> {
  const objects: StoredObject[] = [];
  for await (const object of store.list('')) objects.push(object);
  return objects;
}

describe('an object in a folder store whose sidecar is damaged', () => {
  test.each([
    ['null'],
    [''],
    ['{'],
    ['[]'],
    ['"text"'],
    ['{"crc32c":"0a1b2c3d","mtime":"1","held":false,"expires":"soon"}'],
    ['{"crc32c":"0a1b2c3d","mtime":"1","held":false,"expires":null}'],
    ['{"crc32c":"0a1b2c3d","mtime":"1","held":"no","expires":"2020-01-01T00:00:00Z"}'],
    ['{"crc32c":1,"mtime":"1","held":false,"expires":"2020-01-01T00:00:00Z"}'],
    ['{"crc32c":"0a1b2c3d","held":false,"expires":"2020-01-01T00:00:00Z"}'],
    [' '.repeat(5000)],
  ])('is listed, reported and never deleted: %j', async (content) => {
    const root = folder();
    const store = createDirectoryStore(root);
    await store.create('one', Buffer.from('content'), { expires: past });
    writeFileSync(join(root, 'one.meta'), content);
    const [object] = await all(store);
    expect(object).toMatchObject({ key: 'one', size: 7, held: false, metadataDamaged: true });
    expect([object?.expires, object?.crc32c]).toEqual([undefined, undefined]);
    await store.extend('one', now);
    await store.hold('one', true);
    await store.hold('one', false);
    expect(await store.remove('one', now)).toBe(false);
    expect(String(await collect(store.read('one')))).toBe('content');
  });

  test('is not deleted when the sidecar is a pipe', async () => {
    const root = folder();
    const store = createDirectoryStore(root);
    await store.create('one', Buffer.from('content'), { expires: past });
    rmSync(join(root, 'one.meta'));
    execFileSync('mkfifo', [join(root, 'one.meta')]);
    expect(await store.stat('one')).toMatchObject({ metadataDamaged: true });
    expect(await store.remove('one', now)).toBe(false);
  });
});

describe('a backup whose metadata is damaged', () => {
  test.each(['null', '{"crc32c":"0a1b2c3d","mtime":"1","held":false,"expires":"soon"}'])(
    'stays in the list, is kept by prune and named by verify, and stops no other backup: %s',
    async (content) => {
      const cwd = folder();
      const app = await testApp({ cwd, env: { TMPDIR: cwd } });
      sql(app.at('a.db'), 'create table t (v text)');
      const { id } = await app.backup('a.db', BACKUP);
      writeFileSync(join(cwd, 'backups/databases/a', id, 'manifest.json.meta'), content);
      expect((await app.list('a')).map((each) => each.id)).toEqual([id]);
      const { backups } = await app.verify('a', { readData: true });
      expect(backups[0]?.problems).toEqual([
        expect.stringMatching(/^the metadata of databases\/a\/.*manifest\.json .* is damaged/),
      ]);
      await app.prune({ dryRun: false });
      expect((await app.backup('a.db', BACKUP)).verdict).toBe('ok');
      expect((await app.list('a')).map((each) => each.id)).toContain(id);
    },
  );
});

describe('something other than a regular file in a folder store', () => {
  test.each<[string, (path: string, root: string) => void]>([
    ['a pipe', (path) => void execFileSync('mkfifo', [path])],
    ['a folder', (path) => mkdirSync(path)],
    [
      'a link out of the store',
      (path, root) => {
        writeFileSync(join(root, 'secret'), 'secret');
        symlinkSync('../secret', path);
      },
    ],
  ])('is not an object, and is not read: %s', async (_, make) => {
    const root = folder();
    const store = createDirectoryStore(join(root, 'store'));
    mkdirSync(join(root, 'store'));
    make(join(root, 'store/one'), root);
    expect(await store.stat('one')).toBeUndefined();
    expect(await all(store)).toEqual([]);
    await expect(collect(store.read('one'))).rejects.toMatchObject({ code: 'backup_damaged' });
  });
});

describe('a folder store that cannot be created', () => {
  test('fails soon when the system does not allow a folder there', async () => {
    const store = createDirectoryStore('/proc/lifeboat/backups');
    await expect(store.create('one', Buffer.from('x'))).rejects.toMatchObject({
      code: 'store_unreachable',
      message:
        'the folder of the store /proc/lifeboat/backups cannot be created (ENOENT at /proc/lifeboat)',
    });
  });
});
