import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { foreignKeyViolations } from '../../core/sqlite/judge/foreign-keys.ts';

const PARENT =
  'create table p (id integer primary key, v); insert into p values (1, 1), (2, 5), (7, 7);';
const CHILDREN =
  "insert into c (k) values (1), (2), (3), (3), (null), ('7'), (7.5), ('x'), (x'37'), (5);";

const engineOf = (db: DatabaseSync) => ({
  all: (text: string) => db.prepare(text).all(),
  count: (text: string) => db.prepare(text).all().length,
});

// The engine's own check is the judge of each.
test.each([
  [
    'an indexed key',
    `${PARENT} create table c (k integer references p(id)); create index i on c(k); ${CHILDREN}`,
    6,
  ],
  [
    'an indexed key whose column is implied',
    `${PARENT} create table c (k int references p); create index i on c(k, k); ${CHILDREN}`,
    6,
  ],
  [
    'names in another case',
    `${PARENT} create table c (K integer references P(ID)); create index i on c(k); ${CHILDREN}`,
    6,
  ],
  [
    'a key without an index',
    `${PARENT} create table c (k integer references p(id)); ${CHILDREN}`,
    6,
  ],
  [
    'a partial index',
    `${PARENT} create table c (k integer references p(id)); create index i on c(k) where k < 3; ${CHILDREN}`,
    6,
  ],
  [
    'a column that holds text',
    `${PARENT} create table c (k text references p(id)); create index i on c(k); ${CHILDREN}`,
    undefined,
  ],
  [
    'a column without a type',
    `${PARENT} create table c (k references p(id)); create index i on c(k); ${CHILDREN}`,
    undefined,
  ],
  [
    'a parent that is absent',
    `create table c (k integer references gone(id)); create index i on c(k); ${CHILDREN}`,
    9,
  ],
  [
    'a parent whose key is descending, and so no rowid',
    `create table p (id integer primary key desc); insert into p values (1), (null); create table c (k integer references p(id)); create index i on c(k); ${CHILDREN}`,
    undefined,
  ],
  [
    'a key of text without distinction of case',
    "create table p (id text primary key collate nocase); insert into p values ('a'); create table c (k text references p(id)); create index i on c(k); insert into c values ('A'), ('b')",
    1,
  ],
  [
    'a composite key beside a simple one',
    `${PARENT} create unique index u on p(id, v); create table c (k integer references p(id), l integer, foreign key (k, l) references p(id, v)); create index i on c(k); insert into c values (1, 1), (2, 9), (3, 3), (4, null)`,
    4,
  ],
  [
    'a table that refers to itself, without rowid, and of an odd name',
    `${PARENT} create table "it's ""odd" (k integer primary key, up integer references "it's ""odd"(k), p integer references p(id)); create index i on "it's ""odd"(up); create index j on "it's ""odd"(p); insert into "it's ""odd" values (1, 1, 1), (2, 9, 9)`,
    2,
  ],
  [
    'a parent with columns named like those of the statement',
    `create table p (v integer primary key, n, child, parent); insert into p values (1, 3, 3, 3); create table c (k integer references p(v)); create index i on c(k); ${CHILDREN}`,
    8,
  ],
  [
    'nothing to find',
    `${PARENT} create table c (k integer references p(id)); create index i on c(k); insert into c values (1), (null)`,
    0,
  ],
])('counts what the engine counts: %s', (_, schema, expected) => {
  using db = new DatabaseSync(':memory:', { enableForeignKeyConstraints: false });
  db.exec(schema);
  const judged = db
    .prepare(
      'select "table" as name, count(*) as n from pragma_foreign_key_check group by 1 order by 1',
    )
    .all();
  const found = foreignKeyViolations(engineOf(db));
  expect(found).toEqual(judged.map(({ name, n }) => [name, n]));
  if (expected !== undefined)
    expect(found.reduce((sum, [, count]) => sum + count, 0)).toBe(expected);
});

test('a parent key that is not unique is the same error', () => {
  using db = new DatabaseSync(':memory:', { enableForeignKeyConstraints: false });
  db.exec(
    'create table p (id integer); create table c (k integer references p(id)); create index i on c(k); insert into c values (1)',
  );
  expect(() => foreignKeyViolations(engineOf(db))).toThrow('foreign key mismatch');
});
