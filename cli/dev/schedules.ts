import { randomUUID } from 'node:crypto';
import type { App } from '../../core/app/app.ts';
import { nextRun } from '../../core/schedule/cron.ts';
import type { Push } from './topics.ts';

export type Job = {
  readonly topic: string;
  readonly schedule: string;
  readonly timeZone: string;
  readonly data: object;
};

/**
 * What Cloud Scheduler would have: a job per database that has a schedule, one for the restore
 * tests, and one for the watch.
 */
export function jobsOf({ databases, restoreTest, watch }: App['config']): Job[] {
  return [
    ...Object.values(databases).flatMap(({ name, schedule, timeZone }) =>
      schedule === undefined
        ? []
        : [{ topic: 'backup', schedule, timeZone, data: { database: name, reason: 'schedule' } }],
    ),
    ...(restoreTest.schedule === false
      ? []
      : [
          {
            topic: 'restore-test',
            schedule: restoreTest.schedule,
            timeZone: restoreTest.timeZone,
            data: { database: '*' },
          },
        ]),
    ...(watch.schedule === false
      ? []
      : [
          {
            topic: 'watch',
            schedule: watch.schedule,
            timeZone: watch.timeZone,
            data: { database: '*' },
          },
        ]),
  ];
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

/**
 * Fires each job at its times. The clock is looked at every second instead of sleeping until then,
 * so that a machine that slept or whose clock was set fires late, but fires, and once.
 */
export function startSchedules(
  jobs: readonly Job[],
  fire: (job: Job) => void,
  now: () => Date,
): { stop(): void } {
  const due = new Map(jobs.map((job) => [job, nextRun(job.schedule, job.timeZone, now())]));
  const timer = setInterval(() => {
    for (const [job, at] of due) {
      if (!at || now() < at) continue;
      due.set(job, nextRun(job.schedule, job.timeZone, now()));
      fire(job);
    }
  }, 1000);
  return { stop: () => clearInterval(timer) };
}
