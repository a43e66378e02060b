import type { Config } from '../config/load.ts';
import { LifeboatError, toLifeboatError } from '../lib/errors.ts';
import type { JobFacts, Schedules } from '../watch/schedules.ts';
import type { Context } from '../context.ts';
import { within } from '../lib/within.ts';

const PATIENCE_MS = 3000;

/** The name that the Terraform of the deployment gives the job that backs up a database. */
export const backupJob = (prefix: string, database: string): string =>
  `${prefix}backup-${database}`;

/** Nobody waits long for what the configuration says nearly as well. */
const asked = async <T>(
  { schedules, log }: Context,
  ask: (schedules: Schedules) => Promise<T>,
): Promise<T | undefined> => {
  if (!schedules) return undefined;
  const late = () =>
    new LifeboatError(
      'deadline',
      `Cloud Scheduler did not answer within ${PATIENCE_MS / 1000} s`,
      'Ask again.',
    );
  try {
    return await within(ask(schedules), PATIENCE_MS, late);
  } catch (error) {
    const { code, message, hint } = toLifeboatError(error);
    log('WARNING', `the next backups are those of the configuration: ${message}`, {
      event: 'status',
      code,
      hint,
    });
    return undefined;
  }
};

/** The backup jobs that Cloud Scheduler has, all at once; `undefined` where there is no deployment, or it did not answer. Throws nothing. */
export const backupJobs = async (
  context: Context,
  config: Config,
): Promise<((database: string) => JobFacts | null) | undefined> => {
  if (Object.values(config.databases).every(({ schedule }) => schedule === undefined))
    return undefined;
  const prefix = context.schedules?.prefix ?? '';
  const jobs = await asked(context, (schedules) => schedules.jobs(PATIENCE_MS));
  return jobs && ((database) => jobs.get(backupJob(prefix, database)) ?? null);
};

/** Likewise the one of a database, which is `null` when there is none. */
export const backupJobOf = async (
  context: Context,
  database: string,
): Promise<JobFacts | null | undefined> =>
  asked(
    context,
    async (schedules) => (await schedules.job(backupJob(schedules.prefix, database))) ?? null,
  );
