// Judges one database through an open engine: structure, rows, schema, migrations, assertions.
// Promises that nothing in the file makes it throw, and that a check which could not be made is
// inconclusive. Imports the engine's interface and the library.
import { createHash } from 'node:crypto';
import { foreignKeyViolations } from './foreign-keys.ts';
import { columnText, type Engine } from '../engine.ts';
import { cannotJudge, isCorruption, errorText, shorten } from './findings.ts';
import { checkIntegrity } from './integrity.ts';
import { readMigrations, type Applied } from './migrations.ts';
import { countRows } from './row-counts.ts';
import type { Check, InspectOptions, Migrations } from '../types.ts';

export type Judgement = {
  readonly engine: Engine['name'];
  readonly version: string;
  readonly checks: Check[];
  readonly tables: Record<string, number>;
  readonly schema: string | null;
  readonly virtual: boolean;
  readonly migrations: Migrations[];
};
export type JudgeQuestions = Pick<
  InspectOptions,
  'integrity' | 'foreignKeys' | 'assertions' | 'allowEmpty' | 'migrations'
>;

/** Checks only the structure: for a copy whose bytes are known to be right. */
export async function judgeStructure(
  engine: Engine,
  mode: InspectOptions['integrity'],
): Promise<Judgement> {
  return {
    engine: engine.name,
    version: engine.version,
    checks: [await checkIntegrity(engine, mode)],
    tables: {},
    schema: null,
    virtual: false,
    migrations: [],
  };
}

/** Runs every check with one engine. Never throws because of the database's content. */
export async function judgeDatabase(engine: Engine, questions: JudgeQuestions): Promise<Judgement> {
  const checks: Check[] = [];
  const heading = { engine: engine.name, version: engine.version, checks };
  let schema: ReturnType<typeof schemaOf>;
  try {
    schema = schemaOf(engine);
  } catch (error) {
    const result = cannotJudge(errorText(error)) ? 'inconclusive' : 'failed';
    checks.push({
      name: 'schema',
      result,
      engine: engine.name,
      detail: shorten(errorText(error)),
    });
    return { ...heading, tables: {}, schema: null, virtual: false, migrations: [] };
  }
  if (schema.empty)
    checks.push({
      name: 'empty',
      result: questions.allowEmpty ? 'ok' : 'failed',
      engine: engine.name,
      detail: 'there is no table',
    });
  const integrity = checkIntegrity(engine, questions.integrity);
  const integrityAt = checks.length;
  if (questions.foreignKeys !== 'off') checks.push(foreignKeys(engine, questions.foreignKeys));
  let tables: Record<string, number> = {};
  let migrations: Applied[] = [];
  try {
    tables = countRows(engine, checks);
    migrations = readMigrations(engine.all);
  } catch (error) {
    checks.push({
      name: 'tables',
      result: cannotJudge(errorText(error)) ? 'inconclusive' : 'failed',
      engine: engine.name,
      detail: shorten(errorText(error)),
    });
  }
  const migrated = migrationCheck(migrations, questions.migrations, engine.name);
  if (migrated) checks.push(migrated);
  checks.push(...questions.assertions.map((each) => assertionCheck(engine, each)));
  checks.splice(integrityAt, 0, await integrity);
  return {
    ...heading,
    tables,
    schema: schema.digest,
    virtual: schema.virtual,
    migrations: migrations.map(({ names: _, ...migration }) => migration),
  };
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
    virtual: rows.some((row) => /^\s*create\s+virtual\s/i.test(columnText(row['sql']))),
  };
}

function foreignKeys(engine: Engine, mode: InspectOptions['foreignKeys']): Check {
  const name = 'foreign-keys';
  try {
    const violations = foreignKeyViolations(engine);
    if (violations.length === 0) return { name, result: 'ok', engine: engine.name };
    const detail = violations
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
      result: foreignKeyFailure(errorText(error)),
      engine: engine.name,
      detail: shorten(errorText(error)),
    };
  }
}

function foreignKeyFailure(message: string): Check['result'] {
  return isCorruption(message) ? 'failed' : cannotJudge(message) ? 'inconclusive' : 'warning';
}

/**
 * What is wrong with the migrations: one that failed, one that is expected and not applied, a
 * framework that is expected and not there.
 */
function migrationCheck(
  found: readonly Applied[],
  expected: JudgeQuestions['migrations'],
  engine: Engine['name'],
): Check | undefined {
  const { framework, expect = [] } = expected ?? {};
  if (found.length === 0 && framework === undefined && expect.length === 0) return undefined;
  const relevant = found.filter((each) => framework === undefined || each.framework === framework);
  const heads = relevant.map((each) => `${each.framework} ${each.head ?? 'none'}`).join(', ');
  const applied = new Set(relevant.flatMap(({ names }) => names));
  const missing = expect.filter((name) => !applied.has(name));
  const failures = found.flatMap((each) => each.failed.map((name) => `${each.framework} ${name}`));
  const faults = [
    ...(framework !== undefined && relevant.length === 0
      ? [`expected the bookkeeping of ${framework}, and found none`]
      : []),
    ...(failures.length > 0 ? [`failed or unfinished: ${failures.join(', ').slice(0, 200)}`] : []),
    ...(missing.length > 0
      ? [
          `expected and not applied: ${missing.join(', ').slice(0, 200)}; found ${heads === '' ? 'none' : heads}`,
        ]
      : []),
  ];
  const detail = faults.length > 0 ? faults.join('; ') : heads;
  return { name: 'migrations', result: faults.length > 0 ? 'failed' : 'ok', engine, detail };
}

function assertionCheck(engine: Engine, { name, sql }: { name: string; sql: string }): Check {
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
      result: cannotJudge(errorText(error)) ? 'inconclusive' : 'failed',
      engine: engine.name,
      detail: shorten(errorText(error)),
    };
  }
}
