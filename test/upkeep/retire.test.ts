import { existsSync, globSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createDirectoryStore } from '../../core/store/directory/directory.ts';
import { BACKUP, testApp } from '../support/app.ts';
import { runCli } from '../support/cli.ts';
import { sql, SMALL } from '../support/databases.ts';
import { folder } from '../support/files.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';

/** A store in which `gone` has a failed run and no backup, and `shop` has both. */
async function world() {
  const cwd = folder();
  const app = await testApp({ cwd });
  sql(app.at('shop.db'), SMALL);
  await app.backup('shop.db', BACKUP);
  for (const name of ['gone.db', 'shop.db']) {
    writeFileSync(app.at(name), 'no database');
    await expect(app.backup(name, BACKUP)).rejects.toMatchObject({ code: 'source_invalid' });
  }
  const files = (): string[] => globSync('**/*.json', { cwd: join(cwd, 'backups') }).sort();
  return { app, cwd, files };
}

test('retire deletes the state and the runs of a database without backups, and nothing else', async () => {
  const { app, cwd, files } = await world();
  const others = files().filter((name) => !name.includes('/gone'));
  const { databases } = await app.status();
  expect(databases.map(({ name }) => name)).toEqual(['gone', 'shop']);
  const { status, stdout } = await runCli(cwd, ['retire', 'gone', '--json']);
  expect([status, JSON.parse(stdout)]).toEqual([
    0,
    {
      ok: true,
      released: 0,
      removed: [
        expect.stringMatching(/^runs\/gone\/.*\/ended\.json$/),
        expect.stringMatching(/^runs\/gone\/.*\/started\.json$/),
        'state/gone.json',
      ],
    },
  ]);
  expect(files()).toEqual(others);
  expect((await app.status()).databases.map(({ name }) => name)).toEqual(['shop']);
  expect(await runCli(cwd, ['retire', 'gone'])).toMatchObject({ status: 4 });
});

test('retire leaves the state of a database that has backups, or is configured', async () => {
  const { app, cwd } = await world();
  expect(await app.retire('shop')).toEqual({ released: 1 });
  expect(existsSync(join(cwd, 'backups/state/shop.json'))).toBe(true);
  writeFileSync(join(cwd, 'lifeboat.yaml'), 'databases: { gone: { source: gone.db } }\n');
  expect(await runCli(cwd, ['retire', 'gone'])).toMatchObject({ status: 2 });
  expect(await runCli(cwd, ['retire', 'gone', '--yes'])).toMatchObject({ status: 4 });
  expect(existsSync(join(cwd, 'backups/state/gone.json'))).toBe(true);
});

test('in a store that Lifeboat may not delete from, the error has the command of the owner', async () => {
  const store = createMemoryStore();
  const app = await testApp({ overrides: { store } });
  await store.create('state/gone.json', Buffer.from('{}'));
  await store.create('state/_store.json', Buffer.from('{}'));
  await store.create('state/damaged/gone.json', Buffer.from('{}'));
  await expect(app.retire('_store')).rejects.toMatchObject({
    hint: 'Run `lifeboat list` to see the names.',
  });
  await expect(app.retire('gone')).rejects.toMatchObject({
    code: 'not_found',
    hint: expect.stringContaining(
      'gcloud storage rm memory:/state/damaged/gone.json memory:/state/gone.json`',
    ) as string,
  });
});

test('a folder store discards nothing that belongs to a backup or to another program', async () => {
  const store = createDirectoryStore(folder());
  for (const key of [
    'databases/shop/20260101T000000Z-00000000/manifest.json',
    'runs/shop/mine/notes.txt',
  ]) {
    await store.create(key, Buffer.from('{}'));
    await expect(store.discard(key)).rejects.toMatchObject({ code: 'internal' });
    expect(await store.stat(key)).toBeDefined();
  }
});

test('retire keeps the records of backups that are missing before their expiry', async () => {
  const { cwd, files } = await world();
  const stored = join(cwd, 'backups/databases');
  renameSync(stored, `${stored}.unmounted`);
  const before = files();
  const { status, stderr } = await runCli(cwd, ['retire', 'shop']);
  expect(status).toBe(5);
  expect(stderr).toMatch(/backups of shop are missing .* before their expiry: \d{8}T/);
  expect(files()).toEqual(before);
  expect(await runCli(cwd, ['retire', 'shop', '--yes'])).toMatchObject({ status: 0 });
  expect(existsSync(join(cwd, 'backups/state/shop.json'))).toBe(false);
});

test('retire deletes nothing of a database with a run in progress', async () => {
  const { app, cwd, files } = await world();
  const run = '20260101T000000Z-00000000-00000000';
  mkdirSync(join(cwd, 'backups/runs/gone', run));
  writeFileSync(
    join(cwd, 'backups/runs/gone', run, 'started.json'),
    JSON.stringify({ run, operation: 'backup', startedAt: new Date().toISOString() }),
  );
  const before = files();
  await expect(app.retire('gone', { acceptsMissing: true })).rejects.toMatchObject({
    code: 'usage',
    message: `the backup ${run} of gone may still be running`,
  });
  expect(files()).toEqual(before);
});

test('retire refuses a name that only case tells from another, as some file systems cannot', async () => {
  const { app, cwd, files } = await world();
  const at = (name: string): string => join(cwd, 'backups', name);
  symlinkSync(at('runs/shop'), at('runs/Shop'));
  symlinkSync(at('state/shop.json'), at('state/Shop.json'));
  const before = files();
  await expect(app.retire('Shop')).rejects.toMatchObject({ hint: 'Did you mean `shop`?' });
  writeFileSync(join(cwd, 'lifeboat.yaml'), 'databases: { gone: { source: gone.db } }\n');
  expect(await runCli(cwd, ['retire', 'GONE'])).toMatchObject({ status: 2 });
  expect(await runCli(cwd, ['retire', 'GONE', '--yes'])).toMatchObject({ status: 4 });
  expect(files()).toEqual(before);
});

test('retire deletes each kind of state, and no file of another program', async () => {
  const { app, cwd } = await world();
  const others = ['runs/gone/mine/notes.txt'];
  const own = ['state/manifests/gone.json.gz', 'state/damaged/gone.json'];
  for (const name of [...others, ...own]) {
    mkdirSync(join(cwd, 'backups', name, '..'), { recursive: true });
    writeFileSync(join(cwd, 'backups', name), '{}');
  }
  const { removed } = await app.retire('gone');
  expect(removed?.slice(2)).toEqual([...own, 'state/gone.json']);
  expect(existsSync(join(cwd, 'backups', others[0] ?? ''))).toBe(true);
});
