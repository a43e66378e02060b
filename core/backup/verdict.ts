import type { DatabaseConfig } from '../config/load.ts';
import { verified } from '../catalog/chain.ts';
import { guardChecks } from './guard.ts';
import { verdictOf } from '../sqlite/inspect.ts';
import type { Check, Inspection } from '../sqlite/types.ts';
import type { Work } from './describe.ts';

/** What the engines found, with what was asked beforehand and what the guard sees against the last verified backup; the worst decides. */
export async function judgeSnapshot(
  { context, database, request }: Work,
  size: number,
  before: readonly Check[],
  inspection: Inspection,
): Promise<Inspection> {
  const { manifests } = await context.catalog.list(database.name);
  const guarded = guardChecks(verified(manifests).at(-1), { size, inspection }, database.guard);
  const checks = [
    ...before,
    ...inspection.checks.map((check) => soften(check, database.health)),
    ...guarded.map((check) => acceptable(check, request.accept ?? false)),
  ];
  return { ...inspection, checks, verdict: verdictOf(checks) };
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
