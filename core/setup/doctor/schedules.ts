import type { Config } from '../../config/load.ts';
import { ENGLISH, formatTime } from '../../lib/text/format.ts';
import { nextRun } from '../../schedule/cron.ts';
import { lastScheduled } from '../../state/last-scheduled.ts';
import { readSummary } from '../../state/state.ts';
import type { Store } from '../../store/store.ts';
import type { Schedules } from '../../schedule/jobs.ts';
import { checkJobs } from '../../watch/schedules.ts';
import { ok, under, warning, type DoctorFinding } from './finding.ts';

/** When backups, the restore test and the watch are next due. */
export function checkSchedules(
  { databases, restoreTest, watch }: Config,
  now: Date,
): DoctorFinding[] {
  const next = (about: string, schedule: string, timeZone: string): DoctorFinding => {
    const due = nextRun(schedule, timeZone, now)?.toISOString();
    const time = due === undefined ? 'never' : formatTime(ENGLISH, due, timeZone);
    return ok('schedule', about, `next: ${time} (${schedule}, ${timeZone})`);
  };
  return [
    ...Object.values(databases).map(({ name, schedule, timeZone }) =>
      schedule === undefined
        ? warning('schedule', name, {
            detail: 'no schedule, so a late backup is not detected',
            hint: `Set databases.${name}.schedule in lifeboat.yaml.`,
          })
        : next(name, schedule, timeZone),
    ),
    restoreTest.schedule === false
      ? warning('schedule', 'restore test', {
          detail: 'switched off, so nothing proves that backups restore',
          hint: 'Set restoreTest.schedule in lifeboat.yaml.',
        })
      : next('restore test', restoreTest.schedule, restoreTest.timeZone),
    watch.schedule === false
      ? warning('schedule', 'watch', {
          detail: 'switched off, so you are not alerted when a backup is missing',
          hint: 'Set watch.schedule in lifeboat.yaml.',
        })
      : next('watch', watch.schedule, watch.timeZone),
  ];
}

/**
 * Whether timers, cron or a daemon have ever started the backups that the configuration plans: a
 * schedule in lifeboat.yaml starts nothing by itself. Reads one summary for each database.
 */
export async function checkStarted({ databases }: Config, store: Store): Promise<DoctorFinding[]> {
  const findings: DoctorFinding[] = [];
  for (const { name, schedule } of Object.values(databases)) {
    if (schedule === undefined) continue;
    const state = await readSummary({ store }, name);
    if (lastScheduled(state?.runs ?? [], state?.backups ?? []) !== null) continue;
    findings.push(
      warning('schedule', name, {
        detail: 'no run has ever been started by a schedule',
        hint: 'Run `lifeboat install-timer`, or keep `lifeboat serve` running.',
      }),
    );
  }
  return findings;
}

/** Compares the jobs of the deployment with the configuration. */
export async function checkDeployment(
  config: Config,
  schedules: Schedules,
): Promise<DoctorFinding[]> {
  const { jobs, error } = await checkJobs(schedules, config);
  if (error !== undefined) throw error;
  return jobs.map(({ job, finding }) => under({ check: 'schedule', about: job.name }, finding));
}
