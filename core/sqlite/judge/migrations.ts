import { columnText, pragmaRows, tableList, type All, type Row } from '../engine.ts';
import type { Framework } from './frameworks.ts';
import type { Migrations } from '../types.ts';

type Probe = {
  framework: Framework;
  table: string;
  columns: readonly string[];
  read: (all: All) => Omit<Applied, 'framework'>;
};
/** What a framework's bookkeeping says, with the name of each migration that is applied. */
export type Applied = Migrations & { readonly names: readonly string[] };

// The columns distinguish the framework's table from an application's table of the same name.
const FRAMEWORK_PROBES: readonly Probe[] = [
  {
    framework: 'django',
    table: 'django_migrations',
    columns: ['id', 'app', 'name', 'applied'],
    read: (all) =>
      appliedFrom(all("select app || '.' || name as name from django_migrations order by id")),
  },
  {
    framework: 'prisma',
    table: '_prisma_migrations',
    columns: ['migration_name', 'finished_at', 'rolled_back_at', 'started_at'],
    read: (all) =>
      appliedFrom(
        all(
          'select migration_name as name from _prisma_migrations where finished_at is not null and rolled_back_at is null order by started_at, migration_name',
        ),
        all(
          'select migration_name as name from _prisma_migrations where finished_at is null and rolled_back_at is null',
        ),
      ),
  },
  {
    framework: 'alembic',
    table: 'alembic_version',
    columns: ['version_num'],
    read: (all) => appliedFrom(all('select version_num as name from alembic_version order by 1')),
  },
  {
    framework: 'knex',
    table: 'knex_migrations',
    columns: ['id', 'name', 'batch'],
    read: (all) => {
      const lock =
        all("select 1 from sqlite_schema where name = 'knex_migrations_lock'").length > 0;
      return appliedFrom(
        all('select name from knex_migrations order by id'),
        lock
          ? all(
              "select 'knex_migrations_lock' as name from knex_migrations_lock where is_locked = 1",
            )
          : [],
      );
    },
  },
  {
    framework: 'drizzle',
    table: '__drizzle_migrations',
    columns: ['id', 'hash', 'created_at'],
    read: (all) =>
      appliedFrom(all('select hash as name from __drizzle_migrations order by created_at')),
  },
  {
    framework: 'laravel',
    table: 'migrations',
    columns: ['id', 'migration', 'batch'],
    read: (all) => appliedFrom(all('select migration as name from migrations order by id')),
  },
  {
    framework: 'flyway',
    table: 'flyway_schema_history',
    columns: ['installed_rank', 'version', 'script', 'success'],
    read: (all) =>
      appliedFrom(
        all(
          'select coalesce(version, script) as name from flyway_schema_history where success = 1 order by installed_rank',
        ),
        all('select script as name from flyway_schema_history where success = 0'),
      ),
  },
  {
    framework: 'golang-migrate',
    table: 'schema_migrations',
    columns: ['version', 'dirty'],
    read: (all) =>
      appliedFrom(
        all('select version as name from schema_migrations order by version'),
        all('select version as name from schema_migrations where dirty = 1'),
      ),
  },
  {
    framework: 'rails',
    table: 'schema_migrations',
    columns: ['version'],
    read: (all) =>
      appliedFrom(all('select version as name from schema_migrations order by version')),
  },
];

/** The migration frameworks whose bookkeeping is in this database, with their state. */
export function readMigrations(all: All): Applied[] {
  // A view of that name could compute without end.
  const tables = new Set(
    tableList(all)
      .filter(({ type }) => type === 'table')
      .map(({ name }) => name),
  );
  const frameworks: Applied[] = [];
  for (const { framework, table, columns, read } of FRAMEWORK_PROBES) {
    if (!tables.has(table)) continue;
    const present = pragmaRows(all, 'table_info', table).map((row) =>
      columnText(row['name']).toLowerCase(),
    );
    if (!columns.every((name) => present.includes(name))) continue;
    if (framework === 'rails' && present.includes('dirty')) continue;
    frameworks.push({ framework, ...read(all) });
  }
  return frameworks;
}

function names(rows: readonly Row[]): string[] {
  return rows.map((row) => columnText(row['name']));
}

function appliedFrom(rows: readonly Row[], failed: readonly Row[] = []) {
  return {
    names: names(rows),
    head: names(rows).at(-1) ?? null,
    applied: rows.length,
    failed: names(failed),
  };
}
