import { randomUUID } from 'node:crypto';
import type { App } from '../../core/app/app.ts';
import { nextRun } from '../../core/schedule/cron.ts';
import type { Push } from './topics.ts';

/** A job as Cloud Scheduler would have it. */
export type LocalJob = {
  readonly topic: string;
  readonly schedule: string;
  readonly timeZone: string;
  readonly data: { readonly database: string; readonly reason?: string };
};

/** A job for each database with a schedule, one for the restore tests, and one for the watch. */
export function jobsOf({ databases, restoreTest, watch }: App['config']): LocalJob[] {
  const backups = Object.values(databases).flatMap(({ name, schedule, timeZone }) =>
    schedule === undefined
      ? []
      : [{ topic: 'backup', schedule, timeZone, data: { database: name, reason: 'schedule' } }],
  );
  const others = Object.entries({ 'restore-test': restoreTest, watch }).flatMap(
    ([topic, { schedule, timeZone }]) =>
      schedule === false ? [] : [{ topic, schedule, timeZone, data: { database: '*' } }],
  );
  return [...backups, ...others];
}

export function pushOf(data: object, now: Date): Push {
  return {
    message: {
      data: Buffer.from(JSON.stringify(data)).toString('base64'),
      messageId: randomUUID(),
      publishTime: now.toISOString(),
    },
  };
}

/** A clock that was set back by less delays a job, by no more than this. */
const SET_BACK_MS = 60_000;

/**
 * Fires each job when it is due. Compares the clock every second instead of sleeping, so that after
 * sleep mode or a change of the clock a job fires late, and once. A clock that was ahead and is set
 * back starts the schedules anew: otherwise nothing would fire until the time that it showed.
 */
export function startSchedules(
  jobs: readonly LocalJob[],
  fire: (job: LocalJob) => void,
  now: () => Date,
): { stop(): void } {
  let latest = now();
  const nextOf = ({ schedule, timeZone }: LocalJob) => nextRun(schedule, timeZone, latest);
  const due = new Map(jobs.map((job) => [job, nextOf(job)]));
  const timer = setInterval(() => {
    const time = now();
    const isSetBack = latest.getTime() - time.getTime() > SET_BACK_MS;
    if (isSetBack || time > latest) latest = time;
    if (isSetBack) for (const job of jobs) due.set(job, nextOf(job));
    for (const [job, at] of due) {
      if (!at || time < at) continue;
      due.set(job, nextOf(job));
      fire(job);
    }
  }, 1000);
  return { stop: () => clearInterval(timer) };
}
