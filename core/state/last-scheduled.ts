import type { BackupDocument } from '../documents/backup.ts';
import type { RunRecord } from '../documents/run.ts';

type StartedRun = Pick<RunRecord, 'reason' | 'startedAt'>;
type TakenBackup = Pick<BackupDocument, 'reason' | 'takenAt'>;

/**
 * When a schedule last started a run. The backups count too: they are kept for longer than the
 * records of runs.
 */
export function lastScheduled(
  runs: readonly StartedRun[],
  backups: readonly TakenBackup[],
): string | null {
  const times = [
    ...runs.filter(bySchedule).map(({ startedAt }) => startedAt),
    ...backups.filter(bySchedule).map(({ takenAt }) => takenAt),
  ];
  return times.reduce<string | null>(
    (latest, time) => (latest !== null && latest > time ? latest : time),
    null,
  );
}

function bySchedule({ reason }: { readonly reason: string }): boolean {
  return reason === 'schedule';
}
