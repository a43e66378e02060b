import {
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BACKUP, RESTORE, testApp } from '../support/app.ts';
import { sql, SMALL } from '../support/databases.ts';
import { folder, sha256 } from '../support/files.ts';

type Logged = { severity: string; message: string; event?: unknown };
const open = async (copies = 'copies: [copy]') => {
  const cwd = folder();
  sql(join(cwd, 'notes.db'), SMALL);
  writeFileSync(
    join(cwd, 'lifeboat.yaml'),
    `${copies}\ndatabases: { notes: { source: notes.db } }\n`,
  );
  const log: Logged[] = [];
  const app = await testApp({
    cwd,
    log: (severity, message, fields) => void log.push({ severity, message, ...fields }),
  });
  const change = (text: string) => sql(join(cwd, 'notes.db'), text);
  return { ...app, log, change };
};
/** Flips a byte in the data of a backup, which keeps its size. */
const damageData = (cwd: string, id: string): void => {
  const [path = ''] = globSync(join(cwd, 'backups/databases/notes', id, '*/*.zst'));
  const bytes = readFileSync(path);
  bytes[bytes.length - 9] = (bytes.at(-9) ?? 0) ^ 1;
  writeFileSync(path, bytes);
};
/** The same databases and store, now with a copy. */
const withCopy = (cwd: string) => {
  writeFileSync(
    join(cwd, 'lifeboat.yaml'),
    'copies: [copy]\ndatabases: { notes: { source: notes.db } }\n',
  );
  return testApp({ cwd });
};
/** An app that has the copy for its store, as after the loss of the first one. */
const fromCopy = (cwd: string) =>
  testApp({ cwd, store: 'copy', configPath: join(cwd, 'none.yaml') });

describe('copies', () => {
  test('have every backup complete: each restores from the copy alone', async () => {
    const { cwd, change, backup } = await open();
    const made = [await backup('notes', BACKUP)];
    change("update notes set body = 'changed' where id = 3");
    made.push(await backup('notes', BACKUP));
    expect(made.map(({ copies }) => copies)).toMatchObject([
      [{ ok: true, backups: 1 }],
      [{ ok: true, backups: 1 }],
    ]);
    rmSync(join(cwd, 'backups'), { recursive: true });
    writeFileSync(join(cwd, 'none.yaml'), '');
    const copy = await fromCopy(cwd);
    expect((await copy.list('notes')).map(({ id, held }) => [id, held])).toEqual(
      made.reverse().map(({ id }) => [id, true]),
    );
    for (const { id, sha256: sum } of made) {
      await copy.restore('notes', { ...RESTORE, at: id, to: `${id}.db` });
      expect(sha256(join(cwd, `${id}.db`))).toBe(sum);
    }
    expect((await copy.verify('notes', { readData: true })).backups.every(({ ok }) => ok)).toBe(
      true,
    );
  });

  test('that fail do not fail the backup, are an error in the log, and catch up at the next run', async () => {
    const { cwd, change, backup, log } = await open();
    writeFileSync(join(cwd, 'copy'), 'a file where a folder should be');
    const first = await backup('notes', BACKUP);
    expect(first.copies).toMatchObject([
      { ok: false, error: { code: expect.stringMatching(/^store_/), hint: expect.any(String) } },
    ]);
    expect(log.filter(({ severity }) => severity === 'ERROR')).toMatchObject([{ event: 'copy' }]);
    rmSync(join(cwd, 'copy'));
    change('delete from notes where id = 7');
    const second = await backup('notes', BACKUP);
    expect(second.copies).toMatchObject([{ ok: true, backups: 2 }]);
    writeFileSync(join(cwd, 'none.yaml'), '');
    expect((await (await fromCopy(cwd)).list('notes')).map(({ id }) => id)).toEqual([
      second.id,
      first.id,
    ]);
  });

  test('that cannot read one backup record it as damaged, and still copy the others', async () => {
    const { cwd, change, backup, list } = await open('copies: []');
    const damaged = await backup('notes', BACKUP);
    change('delete from notes where id = 7');
    const based = await backup('notes', BACKUP);
    damageData(cwd, damaged.id);
    const app = await withCopy(cwd);
    change('delete from notes where id = 8');
    const first = await app.backup('notes', { ...BACKUP, kind: 'full' });
    expect(first.copies).toMatchObject([{ ok: false, error: { code: 'backup_damaged' } }]);
    expect((await list('notes')).map(({ id, fault }) => [id, fault?.level])).toEqual([
      [first.id, undefined],
      [based.id, 'damaged'],
      [damaged.id, 'damaged'],
    ]);
    writeFileSync(join(cwd, 'none.yaml'), '');
    const copied = async () => (await (await fromCopy(cwd)).list('notes')).map(({ id }) => id);
    expect(await copied()).toEqual([first.id]);
    const second = await app.backup('notes', BACKUP);
    expect(second.copies).toMatchObject([{ ok: true, backups: 1 }]);
    expect(await copied()).toEqual([second.id, first.id]);
    const { findings } = await app.watch();
    expect(findings.filter(({ check, level }) => check === 'copies' && level !== 'ok')).toEqual([]);
  });

  test('that have another object in the place of one still get the other backups', async () => {
    const { cwd, change, backup } = await open('copies: []');
    const blocked = await backup('notes', BACKUP);
    const [data = ''] = globSync(join(cwd, `backups/databases/notes/${blocked.id}/*/*.zst`));
    const place = data.replace('/backups/', '/copy/');
    mkdirSync(join(place, '..'), { recursive: true });
    writeFileSync(place, 'of another size');
    const app = await withCopy(cwd);
    change('delete from notes where id = 8');
    const next = await app.backup('notes', { ...BACKUP, kind: 'full' });
    expect(next.copies).toMatchObject([
      { ok: false, error: { message: expect.stringContaining(blocked.id) as string } },
    ]);
    writeFileSync(join(cwd, 'none.yaml'), '');
    const copied = await (await fromCopy(cwd)).list('notes');
    expect(copied.map(({ id, held }) => [id, held])).toEqual([[next.id, true]]);
  });

  test('keep the files of other people that are in their folder', async () => {
    const { cwd, backup, at } = await open();
    const longAgo = new Date('2020-01-01T00:00:00Z');
    const others = ['notes.meta', '.tmp-of-mine', 'Assets/Models.meta', 'databases/legacy.meta'];
    for (const name of others) {
      mkdirSync(join(cwd, 'copy', name, '..'), { recursive: true });
      writeFileSync(join(cwd, 'copy', name), 'mine');
      utimesSync(join(cwd, 'copy', name), longAgo, longAgo);
    }
    expect((await backup('notes', BACKUP)).copies).toMatchObject([{ ok: true }]);
    expect(others.filter((name) => !existsSync(at(`copy/${name}`)))).toEqual([]);
  });

  test('never get a backup that the first store does not have', async () => {
    const { cwd, backup } = await open();
    writeFileSync(join(cwd, 'notes.db'), 'not a database');
    await expect(backup('notes', BACKUP)).rejects.toMatchObject({ code: 'source_invalid' });
    expect(existsSync(join(cwd, 'copy/databases'))).toBe(false);
  });

  test('are kept as long as the originals', async () => {
    const { cwd, change, backup, list } = await open();
    await backup('notes', BACKUP);
    change('delete from notes where id = 9');
    await backup('notes', BACKUP);
    writeFileSync(join(cwd, 'none.yaml'), '');
    const expiries = async (of: typeof list) =>
      (await of('notes')).map(({ id, expires }) => [id, expires]);
    expect(await expiries((await fromCopy(cwd)).list)).toEqual(await expiries(list));
  });

  test.each<[string, (cwd: string, id: string) => void]>([
    ['is gone', (cwd) => rmSync(join(cwd, 'backups'), { recursive: true })],
    [
      'is not a folder any more',
      (cwd) => (
        rmSync(join(cwd, 'backups'), { recursive: true }),
        writeFileSync(join(cwd, 'backups'), '')
      ),
    ],
    ['has damaged data', damageData],
    [
      'has a damaged manifest',
      (cwd, id) => writeFileSync(join(cwd, 'backups/databases/notes', id, 'manifest.json'), '{}'),
    ],
  ])('are restored from when the first store %s, and the answer says so', async (_, spoil) => {
    const { cwd, backup, restore, query, log } = await open();
    const { id, sha256: sum } = await backup('notes', BACKUP);
    spoil(cwd, id);
    const done = await restore('notes', { ...RESTORE, to: 'restored.db' });
    expect([done.id, done.from, sha256(join(cwd, 'restored.db'))]).toEqual([
      id,
      join(cwd, 'copy'),
      sum,
    ]);
    expect(log.filter(({ event }) => event === 'fallback')).toHaveLength(1);
    expect(
      (await query('notes', { at: 'latest', sql: 'select count(*) from notes' })).rows,
    ).toEqual([[400]]);
  });

  test('never provide an older backup instead of the requested one', async () => {
    const { cwd, change, backup, restore } = await open();
    await backup('notes', BACKUP);
    renameSync(join(cwd, 'copy'), join(cwd, 'away'));
    writeFileSync(join(cwd, 'copy'), '');
    change('delete from notes where id = 9');
    const { id } = await backup('notes', BACKUP);
    rmSync(join(cwd, 'copy'));
    renameSync(join(cwd, 'away'), join(cwd, 'copy'));
    damageData(cwd, id);
    await expect(restore('notes', { ...RESTORE, to: 'restored.db' })).rejects.toMatchObject({
      code: 'backup_damaged',
      message: expect.stringContaining(id),
    });
    expect(existsSync(join(cwd, 'restored.db'))).toBe(false);
  });

  test('that were interrupted are completed', async () => {
    const { cwd, backup, change } = await open();
    const { id } = await backup('notes', BACKUP);
    // As after a death between the objects and the manifest.
    rmSync(join(cwd, 'copy/databases/notes', id, 'manifest.json'));
    rmSync(join(cwd, 'copy/databases/notes', id, 'manifest.json.meta'));
    change('delete from notes where id = 9');
    expect((await backup('notes', BACKUP)).copies).toMatchObject([{ ok: true, backups: 2 }]);
  });

  test('are independent of each other', async () => {
    const { cwd, backup } = await open('copies: [one, two]');
    writeFileSync(join(cwd, 'one'), '');
    expect((await backup('notes', BACKUP)).copies.map(({ url, ok }) => [url, ok])).toEqual([
      [join(cwd, 'one'), false],
      [join(cwd, 'two'), true],
    ]);
    expect(readdirSync(join(cwd, 'two/databases/notes'))).toHaveLength(1);
  });
});
