import { mapConcurrent } from '../../lib/async.ts';
import type { Config } from '../../config/load.ts';
import { nextRun } from '../../schedule/cron.ts';
import { scheduleVerdict } from '../../watch/schedules.ts';
import { fault, ok, warning, type Finding } from './finding.ts';
import { wantedJobs, type Schedules } from '../../schedule/jobs.ts';

const READERS = 8;

/** When everything is next due. */
export function checkSchedules({ databases, restoreTest, watch }: Config, now: Date): Finding[] {
  const next = (about: string, schedule: string, timeZone: string): Finding =>
    ok(
      'schedule',
      about,
      `next at ${nextRun(schedule, timeZone, now)?.toISOString() ?? 'no time'} (${schedule}, ${timeZone})`,
    );
  return [
    ...Object.values(databases).map(({ name, schedule, timeZone }) =>
      schedule === undefined
        ? warning(
            'schedule',
            name,
            'has no schedule, so its backup is never late',
            'Give it one, so that a missing backup is an alarm.',
          )
        : next(name, schedule, timeZone),
    ),
    ...[['restore test', restoreTest] as const, ['watch', watch] as const].map(
      ([about, { schedule, timeZone }]) =>
        schedule === false
          ? warning(
              'schedule',
              about,
              'is switched off',
              `Without it ${about === 'watch' ? 'nobody hears of a missing backup' : 'nobody knows whether a backup restores'}.`,
            )
          : next(about, schedule, timeZone),
    ),
  ];
}

/** Whether the deployment has the jobs that the configuration asks for. */
export async function checkJobs(config: Config, schedules: Schedules): Promise<Finding[]> {
  try {
    return await mapConcurrent(wantedJobs(config, schedules.prefix), READERS, async (wanted) => {
      const { result, detail, hint } = scheduleVerdict(wanted, await schedules.job(wanted.name));
      return result === 'ok'
        ? ok('schedule', wanted.name, detail)
        : fault('schedule', wanted.name, 'config_invalid', detail, hint);
    });
  } finally {
    await schedules.close().catch(() => undefined);
  }
}
