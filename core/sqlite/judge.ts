import { createHash } from 'node:crypto';
import { foreignKeyViolations } from './foreign-keys.ts';
import { readMigrations, type All, type Applied } from './migrations.ts';
import type { Check, InspectOptions, Migrations } from './types.ts';

export type Engine = {
  readonly name: 'sql.js' | 'node:sqlite';
  readonly version: string;
  readonly all: All;
};
export type Judgement = {
  readonly engine: Engine['name'];
  readonly version: string;
  readonly checks: Check[];
  readonly tables: Record<string, number>;
  readonly schema: string | null;
  readonly virtual: boolean;
  readonly migrations: Migrations[];
};
export type Questions = Pick<
  InspectOptions,
  'integrity' | 'foreignKeys' | 'assertions' | 'allowEmpty' | 'migrations'
>;
// What an engine that lacks the application's functions, collations or modules cannot judge.
const CANNOT_JUDGE =
  /no such (collation|function|module|tokenizer)|unknown (collation|function|tokenizer|database type)|unsafe use of|unable to validate the inverted index|non-deterministic use/i;
const ABOUT_DATA = /^(NULL value in |CHECK constraint failed in |non-\w+ value in |\w+ value in )/i;

/**
 * Rows of `integrity_check`, or its exception, as one check: facts about data are warnings, the
 * rest is damage.
 */
export function classify(rows: readonly string[], engine: Engine['name']): Check {
  const findings = rows.filter((row) => row !== 'ok');
  const name = 'integrity';
  if (findings.length === 0) return { name, result: 'ok', engine };
  const damage = findings.filter((row) => !CANNOT_JUDGE.test(row) && !ABOUT_DATA.test(row));
  const unknown = findings.filter((row) => CANNOT_JUDGE.test(row));
  const [shown, result] =
    damage.length > 0
      ? [damage, 'failed' as const]
      : unknown.length > 0
        ? [unknown, 'inconclusive' as const]
        : [findings, 'warning' as const];
  return {
    name,
    result,
    engine,
    detail: `${shown.length} finding${shown.length === 1 ? '' : 's'}, the first: ${(shown[0] ?? '').slice(0, 200)}`,
  };
}

/** Checks only the structure: for a copy whose bytes are known to be right. */
export function judgeStructure(engine: Engine): Judgement {
  return {
    engine: engine.name,
    version: engine.version,
    checks: [integrity(engine, 'quick')],
    tables: {},
    schema: null,
    virtual: false,
    migrations: [],
  };
}

/** Runs every check with one engine. Never throws because of the database's content. */
export function judge(engine: Engine, questions: Questions): Judgement {
  const checks: Check[] = [];
  const told = { engine: engine.name, version: engine.version, checks };
  let schema: ReturnType<typeof schemaOf>;
  try {
    schema = schemaOf(engine);
  } catch (error) {
    const result = CANNOT_JUDGE.test(messageOf(error)) ? 'inconclusive' : 'failed';
    checks.push({
      name: 'schema',
      result,
      engine: engine.name,
      detail: messageOf(error).slice(0, 200),
    });
    return { ...told, tables: {}, schema: null, virtual: false, migrations: [] };
  }
  if (schema.empty)
    checks.push({
      name: 'empty',
      result: questions.allowEmpty ? 'ok' : 'failed',
      engine: engine.name,
      detail: 'there is no table',
    });
  checks.push(integrity(engine, questions.integrity));
  if (questions.foreignKeys !== 'off') checks.push(foreignKeys(engine, questions.foreignKeys));
  let tables: Record<string, number> = {};
  let migrations: Applied[] = [];
  try {
    tables = countRows(engine, checks);
    migrations = readMigrations(engine.all);
  } catch (error) {
    checks.push({
      name: 'tables',
      result: 'failed',
      engine: engine.name,
      detail: messageOf(error).slice(0, 200),
    });
  }
  const migrated = migrationCheck(migrations, questions.migrations, engine.name);
  if (migrated) checks.push(migrated);
  checks.push(...questions.assertions.map((each) => assertion(engine, each)));
  return {
    ...told,
    tables,
    schema: schema.digest,
    virtual: schema.virtual,
    migrations: migrations.map(({ names: _, ...told }) => told),
  };
}

/** The detail begins with the pragma, so that a backup records how thoroughly it was checked. */
function integrity(engine: Engine, mode: InspectOptions['integrity']): Check {
  const pragma = mode === 'full' ? 'integrity_check' : 'quick_check';
  const check = classify(resultsOf(engine, pragma), engine.name);
  return { ...check, detail: check.detail === undefined ? pragma : `${pragma}: ${check.detail}` };
}

function resultsOf(engine: Engine, pragma: string): string[] {
  try {
    return engine.all(`pragma ${pragma}`).map((row) => text(Object.values(row)[0]));
  } catch (error) {
    return [messageOf(error)];
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function schemaOf(engine: Engine): { digest: string; empty: boolean; virtual: boolean } {
  const rows = engine.all(
    'select type, name, tbl_name, sql from sqlite_schema order by type, name, tbl_name',
  );
  const lines = rows.map((row) =>
    JSON.stringify([row['type'], row['name'], row['tbl_name'], row['sql']]),
  );
  return {
    digest: createHash('sha256').update(lines.join('\n')).digest('hex'),
    empty: rows.length === 0,
    virtual: rows.some((row) => /^\s*create\s+virtual\s/i.test(text(row['sql']))),
  };
}

function foreignKeys(engine: Engine, mode: InspectOptions['foreignKeys']): Check {
  const name = 'foreign-keys';
  try {
    const found = foreignKeyViolations(engine.all);
    if (found.length === 0) return { name, result: 'ok', engine: engine.name };
    const detail = found
      .map(([table, count]) => `${table}: ${count}`)
      .join(', ')
      .slice(0, 200);
    return {
      name,
      result: mode === 'refuse' ? 'failed' : 'warning',
      engine: engine.name,
      detail: `violations in ${detail}`,
    };
  } catch (error) {
    // A declaration that does not fit the schema is the application's affair; it says nothing about
    // the file.
    return {
      name,
      result: /malformed|corrupt|not a database/i.test(messageOf(error)) ? 'failed' : 'warning',
      engine: engine.name,
      detail: messageOf(error).slice(0, 200),
    };
  }
}

function countRows(engine: Engine, checks: Check[]): Record<string, number> {
  const tables: Record<string, number> = {};
  const listed = engine.all(
    "select name, type from pragma_table_list where schema = 'main' and type in ('table', 'virtual') and name not like 'sqlite\\_%' escape '\\' order by name",
  );
  for (const row of listed) {
    const name = text(row['name']);
    try {
      tables[name] = Number(engine.all(`select count(*) as n from ${quote(name)}`)[0]?.['n'] ?? 0);
    } catch (error) {
      const unknown = row['type'] === 'virtual' || CANNOT_JUDGE.test(messageOf(error));
      checks.push({
        name: 'tables',
        result: unknown ? 'inconclusive' : 'failed',
        engine: engine.name,
        detail: `rows cannot be counted: ${messageOf(error).slice(0, 160)}`,
      });
    }
  }
  return tables;
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * What is wrong with the migrations: one that failed, one that is expected and not applied, a
 * framework that is expected and not there.
 */
function migrationCheck(
  found: readonly Applied[],
  expected: Questions['migrations'],
  engine: Engine['name'],
): Check | undefined {
  const { framework, expect = [] } = expected ?? {};
  if (found.length === 0 && framework === undefined && expect.length === 0) return undefined;
  const asked = found.filter((each) => framework === undefined || each.framework === framework);
  const heads = asked.map((each) => `${each.framework} ${each.head ?? 'none'}`).join(', ');
  const applied = new Set(asked.flatMap(({ names }) => names));
  const missing = expect.filter((name) => !applied.has(name));
  const failed = found.flatMap((each) => each.failed.map((name) => `${each.framework} ${name}`));
  const faults = [
    ...(framework !== undefined && asked.length === 0
      ? [`expected the bookkeeping of ${framework}, and found none`]
      : []),
    ...(failed.length > 0 ? [`failed or unfinished: ${failed.join(', ').slice(0, 200)}`] : []),
    ...(missing.length > 0
      ? [
          `expected and not applied: ${missing.join(', ').slice(0, 200)}; found ${heads === '' ? 'none' : heads}`,
        ]
      : []),
  ];
  const detail = faults.length > 0 ? faults.join('; ') : heads;
  return { name: 'migrations', result: faults.length > 0 ? 'failed' : 'ok', engine, detail };
}

function assertion(engine: Engine, { name, sql }: { name: string; sql: string }): Check {
  const label = `assertion: ${name}`;
  try {
    const first = engine.all(sql)[0];
    const value = first ? Object.values(first)[0] : undefined;
    const holds =
      value !== undefined &&
      value !== null &&
      value !== 0 &&
      value !== 0n &&
      value !== '' &&
      value !== '0';
    return holds
      ? { name: label, result: 'ok', engine: engine.name }
      : { name: label, result: 'failed', engine: engine.name, detail: 'it is not true' };
  } catch (error) {
    return {
      name: label,
      result: CANNOT_JUDGE.test(messageOf(error)) ? 'inconclusive' : 'failed',
      engine: engine.name,
      detail: messageOf(error).slice(0, 200),
    };
  }
}
