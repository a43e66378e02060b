import { execFileSync } from 'node:child_process';
import { createCipheriv } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { BACKUP, RESTORE, testApp } from '../support/app.ts';
import { sql, SMALL } from '../support/databases.ts';
import { sha256 } from '../support/files.ts';

const noise = (length: number): Buffer =>
  createCipheriv('aes-256-ctr', Buffer.alloc(32, 1), Buffer.alloc(16)).update(Buffer.alloc(length));
const patch = (path: string, at: number, bytes: readonly number[]): void => {
  const content = readFileSync(path);
  Buffer.from(bytes).copy(content, at);
  writeFileSync(path, content);
};

type Case = readonly [name: string, make: (path: string) => void, code: string, says: RegExp];
// Each turns a good database into a bad source in its place.
const CASES: readonly Case[] = [
  [
    'text',
    (path) => writeFileSync(path, 'Dear diary, '.repeat(1000)),
    'source_invalid',
    /not a database/,
  ],
  [
    'noise, as SQLCipher writes it',
    (path) => writeFileSync(path, noise(16_384)),
    'source_invalid',
    /SQLCipher/,
  ],
  [
    'a gzip of a database',
    (path) => writeFileSync(path, gzipSync(readFileSync(path))),
    'source_invalid',
    /gzip/,
  ],
  [
    'a database cut at a page boundary',
    (path) => truncateSync(path, 4096 * 8),
    'source_invalid',
    /notes\.db has 8 pages, .* The file was truncated/,
  ],
  [
    'a database cut inside a page',
    (path) => truncateSync(path, 4096 * 8 + 100),
    'source_invalid',
    /whole pages/,
  ],
  [
    'a database with junk appended',
    (path) => appendFileSync(path, 'junk'),
    'source_invalid',
    /whole pages/,
  ],
  [
    'a database with a page of junk appended',
    (path) => appendFileSync(path, noise(4096)),
    'source_invalid',
    /appended/,
  ],
  ['zero bytes', (path) => truncateSync(path, 0), 'source_empty', /notes\.db has no bytes/],
  ['one byte', (path) => truncateSync(path, 1), 'source_invalid', /notes\.db is too short/],
  ['a header only', (path) => truncateSync(path, 100), 'source_invalid', /whole pages/],
  [
    'a header with a wrong page count',
    (path) => patch(path, 28, [0, 0, 0, 99]),
    'source_invalid',
    /notes\.db has .* 99 pages/,
  ],
  [
    'a header with an impossible page size',
    (path) => patch(path, 16, [3, 7]),
    'source_invalid',
    /page size/,
  ],
  [
    'pages full of zeros',
    (path) => patch(path, 4096, Array<number>(4096 * 6).fill(0)),
    'source_invalid',
    /damaged/,
  ],
  ['a directory', (path) => (rmSync(path), mkdirSync(path)), 'source_invalid', /directory/],
  ['a missing file', (path) => rmSync(path), 'source_unreachable', /no file/],
  [
    'a FIFO',
    (path) => (rmSync(path), execFileSync('mkfifo', [path])),
    'source_invalid',
    /regular file/,
  ],
  [
    'a link to nothing',
    (path) => (rmSync(path), symlinkSync('nowhere', path)),
    'source_unreachable',
    /no file/,
  ],
  [
    'a database without any table',
    (path) => sql(path, 'drop table tags; drop table notes; vacuum'),
    'source_empty',
    /empty/,
  ],
  [
    'a WAL database copied without its -wal',
    (path) => copyWithoutWal(path),
    'source_empty',
    /empty/,
  ],
];

const copyWithoutWal = (path: string): void => {
  const live = `${path}.live`;
  const db = new DatabaseSync(live);
  db.exec(`pragma journal_mode = wal; pragma wal_autocheckpoint = 0; ${SMALL}`);
  copyFileSync(live, path);
  db.close();
};

describe('a bad source', () => {
  test.each(CASES)(
    '%s is refused with its code and a hint, and the good backup stays the newest',
    async (_, make, code, says) => {
      const app = await testApp();
      sql(app.at('notes.db'), SMALL);
      const good = await app.backup('notes.db', BACKUP);
      make(app.at('notes.db'));
      const error = await app.backup('notes.db', BACKUP).then(
        () => undefined,
        (fault: unknown) => fault,
      );
      expect(error).toMatchObject({ code, exit: 3 });
      expect(`${(error as Error).message}. ${(error as { hint: string }).hint}`).toMatch(says);
      expect((await app.list('notes')).map(({ id }) => id)).toEqual([good.id]);
      await app.restore('notes', { ...RESTORE, to: 'back.db' });
      expect(sha256(app.at('back.db'))).toBe(good.sha256);
      expect((await app.status()).databases[0]?.lastFailure).toMatchObject({ code });
    },
  );

  test('an allowed empty database is backed up', async () => {
    const app = await testApp();
    writeFileSync(
      app.at('lifeboat.yaml'),
      'databases: { fresh: { source: fresh.db, inspection: { allowEmpty: true } } }',
    );
    const configured = await testApp({ cwd: app.cwd });
    sql(app.at('fresh.db'), 'create table t (a); drop table t');
    expect((await configured.backup('fresh', BACKUP)).verdict).toBe('ok');
  });
});

describe('a database that opens and is damaged', () => {
  const damage = (path: string): void => patch(path, 4096 * 6, [...noise(3000)]);

  test('is kept as a salvage copy: never the newest, restored only on request, at most three', async () => {
    const app = await testApp();
    sql(app.at('notes.db'), SMALL);
    const good = await app.backup('notes.db', BACKUP);
    damage(app.at('notes.db'));
    for (let n = 0; n < 4; n += 1) {
      await expect(app.backup('notes.db', BACKUP)).rejects.toMatchObject({
        code: 'source_invalid',
        hint: n < 3 ? expect.stringContaining('salvage') : expect.anything(),
      });
    }
    expect((await app.list('notes')).map(({ id }) => id)).toEqual([good.id]);
    const salvaged = (await app.list('notes', { all: true })).filter(({ salvage }) => salvage);
    expect(salvaged).toHaveLength(3);
    expect(salvaged.map(({ kind, verdict, held }) => [kind, verdict, held])).toEqual(
      Array(3).fill(['full', 'failed', false]),
    );
    await expect(
      app.restore('notes', { ...RESTORE, to: 'no.db', at: salvaged[0]?.id ?? '' }),
    ).rejects.toMatchObject({ code: 'not_found' });
    await app.restore('notes', { ...RESTORE, to: 'salvaged.db', salvage: true });
    expect(sha256(app.at('salvaged.db'))).toBe(salvaged[0]?.sha256);
    await app.restore('notes', { ...RESTORE, to: 'good.db' });
    expect(sha256(app.at('good.db'))).toBe(good.sha256);
  });

  test('an increment is never built on a salvage copy', async () => {
    const app = await testApp();
    sql(app.at('notes.db'), SMALL);
    const good = await app.backup('notes.db', BACKUP);
    const content = readFileSync(app.at('notes.db'));
    damage(app.at('notes.db'));
    await expect(app.backup('notes.db', BACKUP)).rejects.toThrow();
    writeFileSync(app.at('notes.db'), content);
    sql(app.at('notes.db'), "update notes set body = 'later' where id = 1");
    expect(await app.backup('notes.db', BACKUP)).toMatchObject({
      kind: 'incremental',
      parent: good.id,
    });
  });
});

describe('a finding of the engine in a sound file', () => {
  const rewriteSchema = (path: string, from: string, to: string): void => {
    const db = new DatabaseSync(path, { defensive: false });
    db.exec(
      `pragma writable_schema = on; update sqlite_schema set sql = replace(sql, '${from}', '${to}'); pragma writable_schema = off`,
    );
    db.close();
  };
  const SOUND: readonly (readonly [string, (path: string) => void, string, string])[] = [
    [
      'an index on an unknown collation',
      (path) => (
        sql(path, 'create index by_body on notes(body collate nocase)'),
        rewriteSchema(path, 'collate nocase', 'collate klingon')
      ),
      'inconclusive',
      'inconclusive',
    ],
    [
      'an index on an unknown function',
      (path) => (
        sql(path, 'create index by_body on notes(lower(body))'),
        rewriteSchema(path, 'lower(body)', 'soundex(body)')
      ),
      'inconclusive',
      'inconclusive',
    ],
    [
      'a NULL in a NOT NULL column',
      (path) => (
        sql(path, 'alter table tags add extra text'),
        rewriteSchema(path, 'extra text', 'extra text not null')
      ),
      'ok',
      'warning',
    ],
    [
      'a broken CHECK',
      (path) => (
        sql(path, 'alter table tags add extra integer check (1)'),
        rewriteSchema(path, 'check (1)', 'check (id < 9)')
      ),
      'ok',
      'warning',
    ],
    [
      'a foreign key to nothing',
      (path) => sql(path, 'delete from notes where id = 3'),
      'ok',
      'warning',
    ],
  ];

  test.each(SOUND)('%s: stored, and marked', async (_, make, verdict, result) => {
    const app = await testApp();
    sql(app.at('notes.db'), SMALL);
    make(app.at('notes.db'));
    const done = await app.backup('notes.db', BACKUP);
    expect(done.verdict).toBe(verdict);
    expect(done.checks.map((check) => check.result)).toContain(result);
    await app.restore('notes', { ...RESTORE, to: 'back.db' });
    expect(sha256(app.at('back.db'))).toBe(done.sha256);
  });

  test('a foreign-key violation is refused when the configuration says so', async () => {
    const app = await testApp();
    sql(app.at('notes.db'), `${SMALL} delete from notes where id = 3`);
    writeFileSync(
      app.at('lifeboat.yaml'),
      'databases: { notes: { source: notes.db, inspection: { foreignKeys: refuse } } }',
    );
    const configured = await testApp({ cwd: app.cwd });
    await expect(configured.backup('notes', BACKUP)).rejects.toMatchObject({ exit: 3 });
  });
});
