import type { Manifest } from '../format/manifest.ts';
import type { Check, InspectOptions } from '../sqlite/types.ts';
import type { Plan } from './plan.ts';

type Recorded = Manifest['inspection'];
type Questions = Pick<
  InspectOptions,
  'integrity' | 'foreignKeys' | 'allowEmpty' | 'assertions' | 'migrations'
>;

// About one run and not about the database: the next run checks these itself.
const OF_ONE_RUN = new Set(['unchanged', 'health', 'guard', 'schema']);

/** What the configuration and the request want to know about the database. */
export function questionsOf({ database, request }: Pick<Plan, 'database' | 'request'>): Questions {
  const { integrity, foreignKeys, allowEmpty } = database.inspection;
  const { framework, expect } = database.health.migrations;
  return {
    integrity,
    foreignKeys,
    allowEmpty,
    assertions: database.assertions,
    migrations: { framework, expect: [...expect, ...(request.expectMigrations ?? [])] },
  };
}

/**
 * The version that the source may answer `unchanged` for: the recorded one, if its inspection
 * answers all of today's questions. Otherwise the database must be pulled and inspected again.
 */
export function reusableVersion(plan: Plan): string | undefined {
  const { reusable, source } = plan;
  // Another server may give the same ETag to another database.
  if (!reusable || reusable.source !== source) return undefined;
  return answersAll(reusable.inspection, questionsOf(plan))
    ? (reusable.sourceVersion ?? undefined)
    : undefined;
}

/** The recorded checks that also hold for an unchanged database today. */
export function recordedChecks(
  { checks }: Recorded,
  { foreignKeys, assertions }: Questions,
): Recorded['checks'] {
  return checks.filter(
    ({ name }) =>
      !OF_ONE_RUN.has(name) &&
      !(name === 'foreign-keys' && foreignKeys === 'off') &&
      !(name.startsWith('assertion: ') && assertions.length === 0),
  );
}

function answersAll(recorded: Recorded, today: Questions): boolean {
  return (
    // With more time or memory, the next inspection may decide what this one could not.
    recorded.verdict === 'ok' &&
    // Neither is the SQL recorded, nor does a result hold forever: it may depend on the time.
    today.assertions.length === 0 &&
    answersIntegrity(recorded, today) &&
    answersForeignKeys(recorded, today) &&
    (today.allowEmpty || checksOf(recorded, 'empty').length === 0) &&
    answersMigrations(recorded, today)
  );
}

/** The detail of the check begins with the pragma that was run; older backups do not have it. */
function answersIntegrity(recorded: Recorded, { integrity }: Questions): boolean {
  const checks = checksOf(recorded, 'integrity');
  const isThorough = ({ detail = '' }: Check): boolean => detail.startsWith('integrity_check');
  return checks.length > 0 && (integrity === 'quick' || checks.every(isThorough));
}

function answersForeignKeys(recorded: Recorded, { foreignKeys }: Questions): boolean {
  const checks = checksOf(recorded, 'foreign-keys');
  if (foreignKeys === 'off') return true;
  return checks.length > 0 && (foreignKeys === 'warn' || checks.every(isPassed));
}

/** Only the newest migration of each framework is recorded, so an older one needs a new look. */
function answersMigrations(recorded: Recorded, { migrations }: Questions): boolean {
  const { framework, expect = [] } = migrations ?? {};
  const present = recorded.migrations.filter(
    (each) => framework === undefined || each.framework === framework,
  );
  return (
    checksOf(recorded, 'migrations').every(isPassed) &&
    (framework === undefined || present.length > 0) &&
    expect.every((name) => present.some(({ head }) => head === name))
  );
}

function checksOf({ checks }: Recorded, name: string): Check[] {
  return (checks as Check[]).filter((each) => each.name === name);
}

function isPassed({ result }: Check): boolean {
  return result === 'ok';
}
