import type { DatabaseConfig } from '../config/load.ts';
import type { Manifest } from '../format/manifest.ts';
import { LifeboatError } from '../lib/errors.ts';
import { verdictOf } from '../sqlite/inspect.ts';
import type { Check, Inspection } from '../sqlite/types.ts';
import { guardChecks } from './guard.ts';
import type { Plan } from './plan.ts';
import type { Taken } from './write.ts';

export type BackupVerdict = {
  readonly inspection: Inspection | Manifest['inspection'];
  readonly failed: boolean;
};

/**
 * Joins what the engines found, the health check and the guard's comparison with the last verified
 * backup; the worst decides.
 */
export function judge(
  { database, request, newest }: Pick<Plan, 'database' | 'request' | 'newest'>,
  { size, health, inspection }: Pick<Taken, 'size' | 'health' | 'inspection'>,
): BackupVerdict {
  const fresh = inspection as Inspection;
  const guard = guardChecks(newest, { size, inspection: fresh }, database.guard);
  const checks = [
    ...health,
    ...fresh.checks.map((check) => soften(check, database.health)),
    ...guard.map((check) => acceptable(check, request.accept ?? false)),
  ];
  const verdict = verdictOf(checks);
  return { inspection: { ...fresh, checks, verdict }, failed: verdict === 'failed' };
}

/** Why a snapshot with this verdict is no backup. */
export function refusal({ inspection }: BackupVerdict, salvaged: boolean): LifeboatError {
  const failures = inspection.checks.filter(({ result }) => result === 'failed');
  const names = failures
    .map(({ name, detail }) => (detail ? `${name}: ${detail}` : name))
    .join('; ');
  const facts = { checks: failures.map(({ name }) => name), salvaged };
  const { code, message, hint } = reasonOf(failures.map(({ name }) => name));
  const copy = salvaged
    ? ' Lifeboat keeps a salvage copy for 14 days: see `lifeboat list --all`.'
    : '';
  return new LifeboatError(code, `${message} (${names})`, `${hint}${copy}`, { facts });
}

function reasonOf(names: readonly string[]) {
  if (names.includes('empty'))
    return {
      code: 'source_empty',
      message: 'the database is empty',
      hint: 'Check the path. If the database may be empty, set `inspection.allowEmpty: true` in lifeboat.yaml.',
    } as const;
  if (names.every((name) => name === 'guard'))
    return {
      code: 'source_suspicious',
      message: 'the database is much smaller than its last backup',
      hint: 'If the loss is intended, back up once with --accept. If it is not, restore the last good backup with `lifeboat restore`.',
    } as const;
  const isUnhealthy = (name: string): boolean =>
    name === 'guard' || name === 'migrations' || name.startsWith('assertion');
  if (names.every(isUnhealthy))
    return {
      code: 'source_unhealthy',
      message: 'the database is not healthy',
      hint: 'Fix what the failed check names, then back up again.',
    } as const;
  return {
    code: 'source_invalid',
    message: 'the database is damaged',
    hint: 'Restore the newest good backup with `lifeboat restore`, or repair the file with `.recover` of the sqlite3 program.',
  } as const;
}

function soften(check: Check, { required }: DatabaseConfig['health']): Check {
  return check.result === 'failed' && isHealth(check) && !required
    ? { ...check, result: 'warning' }
    : check;
}

function isHealth({ name }: Check): boolean {
  return name === 'migrations' || name.startsWith('assertion: ');
}

function acceptable(check: Check, accept: boolean): Check {
  return check.result === 'failed' && accept
    ? { ...check, result: 'warning', detail: `${check.detail ?? ''}; accepted` }
    : check;
}
