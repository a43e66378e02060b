import type { RunRecord } from '../../../documents/run.ts';

export type RunTone = 'good' | 'warn' | 'bad';

/** How a run ended: `bad` failed, `warn` made a backup whose checks were inconclusive. */
export function runTone({ ok, backup }: RunRecord): RunTone {
  if (!ok) return 'bad';
  return backup && backup.verdict !== 'ok' ? 'warn' : 'good';
}

export function isRestoreTest({ operation }: RunRecord): boolean {
  return operation === 'restore-test';
}

export function countTones(runs: readonly RunRecord[]): Record<RunTone, number> {
  const counts = { good: 0, warn: 0, bad: 0 };
  for (const run of runs) counts[runTone(run)] += 1;
  return counts;
}
