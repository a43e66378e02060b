import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { formatIdentity, ownIdentity } from '../../core/lib/processes/process-identity.ts';
import { createDirectoryStore } from '../../core/store/directory/directory.ts';
import { writeTemporary } from '../../core/store/directory/files.ts';
import { BACKUP, testApp } from '../support/app.ts';
import { sql } from '../support/databases.ts';
import { fingerprint, folder } from '../support/files.ts';

const DAY = 86_400_000;
const BACKUPS = 'databases/shop/20261123T030000Z-1a2b3c4d';
const SIDECAR = '{"crc32c":"0a1b2c3d","mtime":"1","held":false}';

/** A file three days old. */
function plant(root: string, name: string, content = 'x'): void {
  const [path, time] = [join(root, name), new Date(Date.now() - 3 * DAY)];
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  utimesSync(path, time, time);
}

const sweep = (root: string): Promise<string[]> => createDirectoryStore(root).sweep(DAY);

afterEach(() => void vi.useRealTimers());

const RUNNING = readIdentity(process.ppid);
const ENDED = formatIdentity({ ...ownIdentity(), startTime: '1' });

function readIdentity(pid: number): string {
  const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  return formatIdentity({ ...ownIdentity(), pid, startTime: fields.split(' ')[19] ?? '' });
}

describe('the sweep of a folder store', () => {
  test.each([
    ['a temporary file', `${BACKUPS}/.tmp-0123456789ab`, 'half of an object'],
    ['a temporary file of the state', 'state/.tmp-0123456789ab', ''],
    ['a temporary file of an ended process', `state/.tmp-${ENDED}-0123456789ab`, ''],
    ['a lock', `${BACKUPS}/manifest.json.meta.lock`, ''],
    ['a lock of a process', 'state/_store.json.meta.lock', '17-4711-0a1b2c3d 89abcdef'],
    ['the right to remove a lock', 'state/shop.json.meta.lock.12-1700-0a1b2c3d', ''],
    ['a sidecar without its object', `${BACKUPS}/0a1b2c3d/pages.zst.age.meta`, SIDECAR],
    [
      'a sidecar of a run',
      'runs/shop/20261123T030000Z-1a2b3c4d-0a1b2c3d/started.json.meta',
      SIDECAR,
    ],
  ])('removes %s left by a crashed process, and its folders', async (_, name, content) => {
    const root = folder();
    plant(root, name, content);
    expect(await sweep(root)).toEqual([name]);
    expect(existsSync(join(root, name))).toBe(false);
    expect(readdirSync(root, { recursive: true })).toEqual([name.split('/')[0]]);
  });

  // Each of these was deleted by an earlier version, or is the nearest thing to what Lifeboat makes.
  test.each([
    ['Assets/Models.meta', 'guid'],
    ['Assets/.tmp-upload-of-mine', ''],
    ['notes.meta', SIDECAR],
    ['photos/y.meta.lock', ''],
    ['.tmp-0123456789ab', ''],
    ['databases/legacy.meta', SIDECAR],
    ['databases/.tmp-0123456789ab', ''],
    ['databases/shop/.tmp-0123456789ab', ''],
    ['databases/shop/Assets/manifest.json.meta', SIDECAR],
    [`${BACKUPS}/.tmp-mine`, ''],
    [`${BACKUPS}/notes.meta`, SIDECAR],
    [`${BACKUPS}/manifest.json.meta`, 'guid: 1'],
    [`${BACKUPS}/manifest.json.meta`, '{"held":false}'],
    [`${BACKUPS}/manifest.json.meta.lock`, 'mine'],
    [`${BACKUPS}/mine/.tmp-0123456789ab`, ''],
    ['state/my.notes.json.meta', SIDECAR],
    ['more/databases/shop/20261123T030000Z-1a2b3c4d/.tmp-0123456789ab', ''],
  ])('leaves %s (%j) alone', async (name, content) => {
    const root = folder();
    plant(root, name, content);
    const before = fingerprint(root);
    expect(await sweep(root)).toEqual([]);
    expect(fingerprint(root)).toEqual(before);
  });

  test.each([
    ['temporary file', `${BACKUPS}/.tmp-${RUNNING}-0123456789ab`, 'half of an object'],
    ['lock', `${BACKUPS}/manifest.json.meta.lock`, `${RUNNING} 89abcdef`],
  ])('leaves the %s of a running process, however old it seems', async (_, name, content) => {
    const root = folder();
    plant(root, name, content);
    expect(await sweep(root)).toEqual([]);
    expect(existsSync(join(root, name))).toBe(true);
  });

  test.each([
    ['temporary file', `${BACKUPS}/.tmp-0123456789ab`, 'half of an object'],
    ['lock', `${BACKUPS}/manifest.json.meta.lock`, '17-4711-0a1b2c3d 89abcdef'],
    ['sidecar', `${BACKUPS}/manifest.json.meta`, SIDECAR],
  ])('leaves a young %s when the clock of this machine is ahead', async (_, name, content) => {
    const root = folder();
    mkdirSync(join(root, BACKUPS), { recursive: true });
    writeFileSync(join(root, name), content);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3 * DAY });
    expect(await sweep(root)).toEqual([]);
    expect(readdirSync(join(root, BACKUPS))).toEqual([name.split('/').at(-1)]);
  });

  test('leaves young files and folders, and the sidecars of objects', async () => {
    const root = folder();
    const store = createDirectoryStore(root);
    await store.create(`${BACKUPS}/manifest.json`, Buffer.from('{}'));
    writeFileSync(join(root, BACKUPS, '.tmp-0123456789ab'), '');
    mkdirSync(join(root, BACKUPS, '0a1b2c3d'));
    plant(root, `${BACKUPS}/manifest.json.meta`, SIDECAR);
    const before = fingerprint(root);
    expect(await sweep(root)).toEqual([]);
    expect(fingerprint(root)).toEqual(before);
  });

  test('removes the empty folders of a process that was killed before it wrote', async () => {
    const root = folder();
    const old = new Date(Date.now() - 3 * DAY);
    for (const name of [`${BACKUPS}/0a1b2c3d`, 'databases/My Photos', 'mine/2026']) {
      mkdirSync(join(root, name), { recursive: true });
      utimesSync(join(root, name), old, old);
    }
    await sweep(root);
    expect(readdirSync(root, { recursive: true, encoding: 'utf8' }).sort()).toEqual([
      'databases',
      'databases/My Photos',
      'databases/shop',
      BACKUPS,
      'mine',
      'mine/2026',
    ]);
  });
});

describe('a folder in a folder store', () => {
  test('is removed with the last object in it', async () => {
    const root = folder();
    const store = createDirectoryStore(root);
    const past = { expires: new Date('2020-01-01T00:00:00Z') };
    for (const name of ['manifest.json', '0a1b2c3d/fingerprints'])
      await store.create(`${BACKUPS}/${name}`, Buffer.from('x'), past);
    await store.remove(`${BACKUPS}/manifest.json`, new Date());
    expect(existsSync(join(root, BACKUPS))).toBe(true);
    await store.remove(`${BACKUPS}/0a1b2c3d/fingerprints`, new Date());
    expect(readdirSync(root, { recursive: true })).toEqual(['databases']);
  });

  test('is created again when another process removes it before the first file is in it', async () => {
    const root = folder();
    const store = createDirectoryStore(root);
    const past = { expires: new Date('2020-01-01T00:00:00Z') };
    const stop = new AbortController();
    const removing = (async () => {
      while (!stop.signal.aborted) {
        await store.create(`${BACKUPS}/manifest.json`, Buffer.from('x'), past);
        await store.remove(`${BACKUPS}/manifest.json`, new Date());
      }
    })();
    for (let n = 0; n < 100; n += 1) {
      const temporary = await writeTemporary(
        join(root, BACKUPS, '0a1b2c3d/fingerprints'),
        Buffer.from('x'),
        () => undefined,
      );
      expect(existsSync(temporary)).toBe(true);
      rmSync(temporary);
      plant(root, join(dirname(temporary.slice(root.length + 1)), '.tmp-0123456789ab'));
      await sweep(root);
    }
    stop.abort();
    await removing;
  });
});

test('a backup writes no other keys than those of the layout, and leaves the other files of its folder alone', async () => {
  const cwd = folder();
  const foreign = ['Assets/Models.meta', '.tmp-important', 'databases/legacy.meta'];
  for (const name of foreign) plant(join(cwd, 'backups'), name);
  const app = await testApp({ cwd, env: { TMPDIR: cwd } });
  sql(app.at('shop.db'), 'create table t (v text)');
  await app.backup('shop.db', BACKUP);
  const { isOwnKey } = await import('../../core/store/layout.ts');
  const names = readdirSync(join(cwd, 'backups'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(join(cwd, 'backups/').length));
  const others = names.filter((name) => !isOwnKey(name.replace(/\.meta$/, '')));
  expect(others.sort()).toEqual(foreign.sort());
});
