import { LifeboatError, toLifeboatError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { timeout } from '../lib/async.ts';

/** What Cloud Scheduler says of a job. https://cloud.google.com/scheduler/docs/reference/rpc/google.cloud.scheduler.v1#job */
export type JobFacts = {
  readonly state: 'enabled' | 'paused' | 'disabled' | 'update-failed' | 'unknown';
  /** Of the last attempt, as in google.rpc.Code; 0 when it worked or there was none. */
  readonly code: number;
  readonly message: string;
  readonly schedule: string;
  readonly timeZone: string;
  /** When it runs next, ISO 8601; null where it has not been planned, as when it is paused. May be a retry. */
  readonly next: string | null;
};

/** Looks at the schedules of the deployment. */
export interface Schedules {
  /** What comes before the names of its jobs. */
  readonly prefix: string;
  /** `undefined` when there is no such job. Throws `store_denied` or `store_unreachable`. */
  job(name: string): Promise<JobFacts | undefined>;
  /** All jobs of the location whose names begin with the prefix, by name. Throws the same, and gives up after `patienceMs`. */
  jobs(patienceMs: number): Promise<ReadonlyMap<string, JobFacts>>;
  /** Ends the connection; the next question makes another. */
  close(): Promise<void>;
}

/** A job as the configuration asks for it; `database` is null when it is for all. */
export type WantedJob = {
  readonly database: string | null;
  readonly name: string;
  readonly schedule: string;
  readonly timeZone: string;
};

/** Where a deployment on Google Cloud has its schedules; undefined on a host. */
type Deployment = { readonly schedules: Schedules | undefined; readonly log: Log };

const PATIENCE_MS = 3000;

/** The name that the Terraform of the deployment gives the job that backs up a database. */
export function backupJob(prefix: string, database: string): string {
  return `${prefix}backup-${database}`;
}

/** The backup jobs that Cloud Scheduler has, all at once; `undefined` where there is no deployment, or it did not answer. Throws nothing. */
export async function backupJobs(
  deployment: Deployment,
  databases: readonly { readonly schedule: string | undefined }[],
): Promise<((database: string) => JobFacts | null) | undefined> {
  if (databases.every(({ schedule }) => schedule === undefined)) return undefined;
  const prefix = deployment.schedules?.prefix ?? '';
  const jobs = await asked(deployment, (schedules) => schedules.jobs(PATIENCE_MS));
  return jobs && ((database) => jobs.get(backupJob(prefix, database)) ?? null);
}

/** Likewise the one of a database, which is `null` when there is none. */
export async function backupJobOf(
  deployment: Deployment,
  database: string,
): Promise<JobFacts | null | undefined> {
  return asked(
    deployment,
    async (schedules) => (await schedules.job(backupJob(schedules.prefix, database))) ?? null,
  );
}

/** Nobody waits long for what the configuration says nearly as well. */
async function asked<T>(
  { schedules, log }: Deployment,
  ask: (schedules: Schedules) => Promise<T>,
): Promise<T | undefined> {
  if (!schedules) return undefined;
  const late = () =>
    new LifeboatError(
      'deadline',
      `Cloud Scheduler did not answer within ${PATIENCE_MS / 1000} s`,
      'Ask again.',
    );
  try {
    return await timeout(() => ask(schedules), { ms: PATIENCE_MS, error: late });
  } catch (error) {
    const { code, message, hint } = toLifeboatError(error);
    log('WARNING', `the next backups are those of the configuration: ${message}`, {
      event: 'status',
      code,
      hint,
    });
    return undefined;
  }
}
