import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inspect } from '../../core/sqlite/inspect.ts';
import { sql } from '../support/databases.ts';
import { folder } from '../support/files.ts';

const OPTIONS = {
  isPrivate: true,
  integrity: 'full',
  sandboxLimit: 2 ** 30,
  timeoutMs: 60_000,
  allowEmpty: false,
  foreignKeys: 'warn',
  assertions: [],
} as const;
const read = async (text: string) => {
  const path = join(folder(), 'any.db');
  sql(path, text);
  const { migrations, verdict, checks } = await inspect(path, OPTIONS);
  return { migrations, verdict, check: checks.find(({ name }) => name === 'migrations') };
};

// The tables as the frameworks themselves create them.
const DJANGO = `create table "django_migrations" ("id" integer not null primary key autoincrement, "app" varchar(255) not null, "name" varchar(255) not null, "applied" datetime not null);`;
const RAILS =
  'create table "schema_migrations" ("version" varchar not null primary key); create table "ar_internal_metadata" ("key" varchar not null primary key, "value" varchar);';
const PRISMA = `create table "_prisma_migrations" ("id" text primary key not null, "checksum" text not null, "finished_at" datetime, "migration_name" text not null, "logs" text,
  "rolled_back_at" datetime, "started_at" datetime not null default current_timestamp, "applied_steps_count" integer unsigned not null default 0);`;
const KNEX =
  'create table knex_migrations (id integer not null primary key autoincrement, name varchar(255), batch integer, migration_time datetime); create table knex_migrations_lock ("index" integer not null primary key autoincrement, is_locked integer);';
const FLYWAY = `create table "flyway_schema_history" ("installed_rank" int not null primary key, "version" varchar(50), "description" varchar(200) not null, "type" varchar(20) not null, "script" varchar(1000) not null,
  "checksum" int, "installed_by" varchar(100) not null, "installed_on" text not null default (strftime('%Y-%m-%d %H:%M:%f','now')), "execution_time" int not null, "success" boolean not null);`;
const ALEMBIC =
  'create table alembic_version (version_num varchar(32) not null, constraint alembic_version_pkc primary key (version_num));';
const DRIZZLE =
  'create table __drizzle_migrations (id serial primary key, hash text not null, created_at numeric);';
const LARAVEL =
  'create table "migrations" ("id" integer primary key autoincrement not null, "migration" varchar not null, "batch" integer not null);';
const GOLANG = 'create table schema_migrations (version uint64, dirty bool);';

describe('migrations', () => {
  test.each([
    [
      'django',
      `${DJANGO} insert into django_migrations (app, name, applied) values ('auth', '0001_initial', '2025-01-01'), ('shop', '0042_add_index', '2025-02-01')`,
      'shop.0042_add_index',
      2,
    ],
    [
      'rails',
      `${RAILS} insert into schema_migrations values ('20250101000000'), ('20250301120000')`,
      '20250301120000',
      2,
    ],
    [
      'prisma',
      `${PRISMA} insert into _prisma_migrations (id, checksum, finished_at, migration_name, started_at) values ('a', 'x', 1735689600000, '20250101_init', 1735689599000), ('b', 'x', 1735776000000, '20250102_more', 1735775999000)`,
      '20250102_more',
      2,
    ],
    ['alembic', `${ALEMBIC} insert into alembic_version values ('ae1027a6acf')`, 'ae1027a6acf', 1],
    [
      'knex',
      `${KNEX} insert into knex_migrations (name, batch) values ('20250101_a.js', 1), ('20250102_b.js', 2); insert into knex_migrations_lock (is_locked) values (0)`,
      '20250102_b.js',
      2,
    ],
    [
      'drizzle',
      `${DRIZZLE} insert into __drizzle_migrations (hash, created_at) values ('aaa', 1735689600000), ('bbb', 1735776000000)`,
      'bbb',
      2,
    ],
    [
      'laravel',
      `${LARAVEL} insert into migrations (migration, batch) values ('2025_01_01_create_users', 1), ('2025_02_01_add_index', 2)`,
      '2025_02_01_add_index',
      2,
    ],
    [
      'flyway',
      `${FLYWAY} insert into flyway_schema_history values (1, '1', 'init', 'SQL', 'V1__init.sql', 1, 'me', '2025', 3, 1), (2, '2.1', 'more', 'SQL', 'V2_1__more.sql', 1, 'me', '2025', 3, 1)`,
      '2.1',
      2,
    ],
    ['golang-migrate', `${GOLANG} insert into schema_migrations values (7, 0)`, '7', 1],
  ])('%s is recognised, and its head recorded', async (framework, text, head, applied) => {
    const { migrations, verdict, check } = await read(text);
    expect(migrations).toEqual([{ framework, head, applied, failed: [] }]);
    expect([verdict, check?.result]).toEqual(['ok', 'ok']);
  });

  test.each([
    [
      'prisma',
      `${PRISMA} insert into _prisma_migrations (id, checksum, migration_name, started_at) values ('a', 'x', '20250101_init', 1)`,
      '20250101_init',
    ],
    [
      'knex',
      `${KNEX} insert into knex_migrations_lock (is_locked) values (1)`,
      'knex_migrations_lock',
    ],
    [
      'flyway',
      `${FLYWAY} insert into flyway_schema_history values (1, '1', 'init', 'SQL', 'V1__init.sql', 1, 'me', '2025', 3, 0)`,
      'V1__init.sql',
    ],
    ['golang-migrate', `${GOLANG} insert into schema_migrations values (7, 1)`, '7'],
  ])('a failed or dirty migration of %s is unhealthy', async (framework, text, failed) => {
    const { migrations, verdict, check } = await read(text);
    expect(migrations[0]).toMatchObject({ framework, failed: [failed] });
    expect([verdict, check?.result]).toEqual(['failed', 'failed']);
    expect(check?.detail).toContain(failed);
  });

  test('a migration of Prisma that was rolled back and applied again is healthy', async () => {
    const { migrations, verdict } =
      await read(`${PRISMA} insert into _prisma_migrations (id, checksum, finished_at, migration_name, rolled_back_at, started_at)
      values ('a', 'x', null, '20250101_init', 5, 1), ('b', 'x', 9, '20250101_init', null, 6)`);
    expect([migrations[0]?.failed, verdict]).toEqual([[], 'ok']);
  });

  test("an application's own table of the same name is not taken for a framework's", async () => {
    const { migrations, verdict } = await read(
      'create table migrations (id integer primary key, from_country text, to_country text); create table schema_migrations (who text)',
    );
    expect([migrations, verdict]).toEqual([[], 'ok']);
  });

  test('a framework that has applied nothing has no head', async () => {
    expect((await read(DJANGO)).migrations).toEqual([
      { framework: 'django', head: null, applied: 0, failed: [] },
    ]);
  });
});
