import type { Config } from '../../config/load.ts';
import { nextRun } from '../../schedule/cron.ts';

/** What a timer starts. */
export type TimerJob = {
  /** A part of the unit's name: `backup-shop`, `restore-test` or `watch`. */
  readonly name: string;
  readonly description: string;
  /** The arguments of Lifeboat. */
  readonly args: readonly string[];
  readonly schedule: string;
  readonly timeZone: string;
};

const MAX_DELAY_SECONDS = 300;

/** A backup for each database with a schedule, the restore test and the watch. */
export function timerJobs({ databases, restoreTest, watch }: Config): TimerJob[] {
  const backups = Object.values(databases).flatMap(({ name, schedule, timeZone }) =>
    schedule === undefined
      ? []
      : [
          {
            name: `backup-${name}`,
            description: `Lifeboat backup of ${name}`,
            args: ['backup', name, '--reason', 'schedule'],
            schedule,
            timeZone,
          },
        ],
  );
  const others = [
    { name: 'restore-test', description: 'Lifeboat restore test', ...restoreTest },
    { name: 'watch', description: 'Lifeboat watch', ...watch },
  ].flatMap(({ name, description, schedule, timeZone }) =>
    schedule === false ? [] : [{ name, description, args: [name, '--notify'], schedule, timeZone }],
  );
  return [...backups, ...others];
}

/**
 * By how many seconds a start may be delayed, so that many machines do not start at once: a tenth
 * of the interval, and five minutes at most.
 */
export function randomDelay({ schedule, timeZone }: TimerJob, now: Date): number {
  const first = nextRun(schedule, timeZone, now);
  const second = first && nextRun(schedule, timeZone, first);
  if (!first || !second) return MAX_DELAY_SECONDS;
  const seconds = (second.getTime() - first.getTime()) / 1000;
  return Math.min(MAX_DELAY_SECONDS, Math.floor(seconds / 10));
}
