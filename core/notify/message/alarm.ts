import type { Kind, ReportedProblem, ProblemGroup } from '../notification.ts';
import type { Alarm } from './words/words.ts';

const ALARMS: readonly string[] = [
  'bucket',
  'clock',
  'holds',
  'inspection',
  'key',
  'objects',
  'place',
  'restore-test',
  'run',
  'salvage',
  'schedule',
  'store',
  'unconfigured',
] satisfies Alarm[];

/**
 * Which words fit a problem that the watch found. Undefined: the kind has words of its own. A check
 * that newer versions added has general ones.
 */
export function alarmOf(
  kind: Kind | ProblemGroup['kind'],
  { step, code }: Pick<ReportedProblem, 'step' | 'code'>,
): Alarm | undefined {
  if (kind === 'missing' && code === 'config_invalid') return 'configuration';
  if (kind !== 'watch-alarm') return undefined;
  if (step === 'restore-test' && code === 'stale') return 'restore-test-overdue';
  return step !== undefined && ALARMS.includes(step) ? (step as Alarm) : 'other';
}
