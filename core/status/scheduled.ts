import type { DatabaseStatus } from '../documents/status.ts';

/** Whether `lifeboat.yaml` plans backups that no timer, cron or daemon has ever started. */
export function isOnlyPlanned({
  nextFrom,
  lastScheduled: last,
}: Pick<DatabaseStatus, 'nextFrom' | 'lastScheduled'>): boolean {
  return nextFrom === 'configuration' && last === null;
}
