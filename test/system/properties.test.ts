import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BACKUP, RESTORE, testApp } from '../support/app.ts';
import { sql, SMALL } from '../support/databases.ts';
import { sha256 } from '../support/files.ts';

const STEPS = {
  insert: 'insert into notes (body) select hex(randomblob(80)) from notes limit 200',
  update: 'update notes set body = hex(randomblob(60)) where id % 7 = 0',
  'delete some': 'delete from notes where id % 3 = 1',
  'delete most': 'delete from notes where id > 20',
  vacuum: 'vacuum',
  'page size 512': 'pragma journal_mode = delete; pragma page_size = 512; vacuum',
  'page size 8192': 'pragma journal_mode = delete; pragma page_size = 8192; vacuum',
  'auto vacuum': 'pragma auto_vacuum = full; vacuum',
  wal: 'pragma journal_mode = wal',
  index: 'create index if not exists by_body on notes(body)',
  'drop index': 'drop index if exists by_body',
  nothing: 'select 1',
} as const;

describe('any history of a database', () => {
  test('every backup of the chain restores to exactly its snapshot', async () => {
    const steps = fc.array(fc.constantFrom(...(Object.keys(STEPS) as (keyof typeof STEPS)[])), {
      minLength: 1,
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        const app = await testApp();
        sql(app.at('notes.db'), SMALL);
        const made = [await app.backup('notes.db', BACKUP)];
        for (const step of history) {
          sql(app.at('notes.db'), STEPS[step]);
          made.push(await app.backup('notes.db', { ...BACKUP, kind: 'incremental', accept: true }));
        }
        for (const { id, sha256: expected } of made) {
          await app.restore('notes', { ...RESTORE, at: id, to: `${id}.db` });
          expect(sha256(app.at(`${id}.db`))).toBe(expected);
        }
        // The last backup has the current content of the database.
        const [live, back] = [app.at('notes.db'), app.at(`${made.at(-1)?.id}.db`)].map(contents);
        expect(back).toEqual(live);
      }),
      { numRuns: 6 },
    );
  });
});

const contents = (path: string): string => {
  const db = new DatabaseSync(path, { readOnly: true });
  const rows = db.prepare('select * from notes order by id').all();
  db.close();
  return createHash('sha256').update(JSON.stringify(rows)).digest('hex');
};

const ODD = 'select "quo""te", ünïcode';
const KINDS: readonly (readonly [string, string])[] = [
  ...[512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536].map(
    (size) => [`pages of ${size} bytes`, `pragma page_size = ${size}; ${SMALL}`] as const,
  ),
  ['auto-vacuum', `pragma auto_vacuum = full; ${SMALL} delete from notes where id > 50`],
  [
    'incremental vacuum',
    `pragma auto_vacuum = incremental; ${SMALL} delete from notes where id > 50`,
  ],
  ['UTF-16', `pragma encoding = 'UTF-16le'; ${SMALL}`],
  [
    'FTS5',
    `${SMALL} create virtual table search using fts5(body); insert into search select body from notes`,
  ],
  [
    'R-Tree',
    `${SMALL} create virtual table places using rtree(id, x0, x1, y0, y1); insert into places select id, id, id + 1, id, id + 2 from notes`,
  ],
  [
    'WITHOUT ROWID',
    `${SMALL} create table keyed (k text primary key, v) without rowid; insert into keyed select body, id from notes group by body`,
  ],
  ['an empty table', `${SMALL} create table bare (a, b)`],
  [
    'odd names',
    `${SMALL} create table "${ODD.replaceAll('"', '""')}" ("a b" text); insert into "${ODD.replaceAll('"', '""')}" values (1); create table "__proto__" (a); create table "10" (a); create table "9" (a)`,
  ],
  [
    'views, triggers and generated columns',
    `${SMALL} create view v as select * from notes; create table g (a, b as (a * 2) stored); create trigger t after insert on g begin select 1; end; insert into g (a) values (4)`,
  ],
  [
    'strict tables',
    `create table s (id integer primary key, a int, b text) strict; insert into s values (1, 2, 'three')`,
  ],
];

describe('any kind of database', () => {
  test.each(KINDS)('%s: a full backup and an increment restore', async (_, make) => {
    const app = await testApp({ env: { TMPDIR: '/tmp', LIFEBOAT_KEY: 'ef'.repeat(32) } });
    sql(app.at('any.db'), make);
    const full = await app.backup('any.db', BACKUP);
    sql(app.at('any.db'), 'create table later (a); insert into later values (1)');
    const increment = await app.backup('any.db', { ...BACKUP, kind: 'incremental', accept: true });
    expect([full.verdict, increment.verdict, increment.kind]).toEqual(['ok', 'ok', 'incremental']);
    for (const { id, sha256: expected } of [full, increment]) {
      await app.restore('any', { ...RESTORE, at: id, to: `${id}.db` });
      expect(sha256(app.at(`${id}.db`))).toBe(expected);
    }
    expect((await app.verify('any', { readData: true })).backups.every(({ ok }) => ok)).toBe(true);
    const manifest = JSON.parse(
      readFileSync(app.at(`backups/databases/any/${full.id}/manifest.json`), 'utf8'),
    ) as {
      inspection: { tables: Record<string, number> };
    };
    if (_ === 'odd names')
      expect(manifest.inspection.tables).toMatchObject({ [ODD]: 1, notes: 400, '10': 0 });
    if (_ === 'FTS5') expect(manifest.inspection.tables).toMatchObject({ search: 400 });
  });
});
