import { LifeboatError, toLifeboatError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { timeout } from '../lib/async.ts';

/**
 * A job as Cloud Scheduler reports it.
 * https://cloud.google.com/scheduler/docs/reference/rpc/google.cloud.scheduler.v1#job
 */
export type JobFacts = {
  readonly state: 'enabled' | 'paused' | 'disabled' | 'update-failed' | 'unknown';
  /** Of the last attempt, as in google.rpc.Code; 0 when it worked or there was none. */
  readonly code: number;
  readonly message: string;
  readonly schedule: string;
  readonly timeZone: string;
  /** When it runs next, ISO 8601; null when nothing is planned (paused). May be a retry. */
  readonly next: string | null;
};

/** Reads the schedules of the deployment. */
export interface Schedules {
  /** What the names of its jobs begin with. */
  readonly prefix: string;
  /** `undefined` when there is no such job. Throws `store_denied` or `store_unreachable`. */
  job(name: string): Promise<JobFacts | undefined>;
  /**
   * All jobs of the location whose names begin with the prefix, by name. Throws like `job`, and
   * gives up after `patienceMs`.
   */
  jobs(patienceMs: number): Promise<ReadonlyMap<string, JobFacts>>;
  /** Ends the connection; the next call opens another. */
  close(): Promise<void>;
}

/** A job that the configuration requires; `database` is null when it serves all databases. */
export type WantedJob = {
  readonly database: string | null;
  readonly name: string;
  readonly schedule: string;
  readonly timeZone: string;
};

export type NextBackup = {
  readonly at: string | null;
  readonly from: 'cloud-scheduler' | 'configuration' | null;
  /** The configuration has a schedule, but nothing runs it. */
  readonly paused: boolean;
};

/** A schedule of the configuration; false: switched off. */
type Planned = { readonly schedule: string | false; readonly timeZone: string };
type PlannedJobs = {
  readonly databases: Readonly<
    Record<string, { name: string; schedule: string | undefined; timeZone: string }>
  >;
  readonly restoreTest: Planned;
  readonly watch: Planned;
};

/** `schedules` is undefined on a host, where there is no deployment on Google Cloud. */
type Deployment = { readonly schedules: Schedules | undefined; readonly log: Log };

const PATIENCE_MS = 3000;

/** The name that the Terraform of the deployment gives the job that backs up a database. */
export function backupJob(prefix: string, database: string): string {
  return `${prefix}backup-${database}`;
}

/** The jobs that Cloud Scheduler should have. */
export function wantedJobs(
  { databases, restoreTest, watch }: PlannedJobs,
  prefix: string,
): WantedJob[] {
  return [
    ...Object.values(databases).flatMap(({ name, schedule, timeZone }) =>
      schedule === undefined
        ? []
        : [{ database: name, name: backupJob(prefix, name), schedule, timeZone }],
    ),
    ...[['restore-test', restoreTest] as const, ['watch', watch] as const].flatMap(
      ([name, { schedule, timeZone }]) =>
        schedule === false
          ? []
          : [{ database: null, name: `${prefix}${name}`, schedule, timeZone }],
    ),
  ];
}

/**
 * When the next backup is. `byCron` is the time by the configuration (null: no schedule). `job` is
 * the job of Cloud Scheduler: `null` when there is none, `undefined` when the answer is not known.
 * A job that is paused, disabled or missing starts no backup.
 */
export function nextBackup(byCron: Date | null, job: JobFacts | null | undefined): NextBackup {
  if (!byCron) return { at: null, from: null, paused: false };
  if (job === null || job?.state === 'paused' || job?.state === 'disabled')
    return { at: null, from: null, paused: true };
  if (job?.next) return { at: job.next, from: 'cloud-scheduler', paused: false };
  return { at: byCron.toISOString(), from: 'configuration', paused: false };
}

/**
 * Looks up the backup job of each database in one request. `undefined` without a deployment, and
 * when Cloud Scheduler did not answer. Never throws.
 */
export async function backupJobs(
  deployment: Deployment,
  databases: readonly { readonly schedule: string | undefined }[],
): Promise<((database: string) => JobFacts | null) | undefined> {
  if (databases.every(({ schedule }) => schedule === undefined)) return undefined;
  const prefix = deployment.schedules?.prefix ?? '';
  const jobs = await lookUp(deployment, (schedules) => schedules.jobs(PATIENCE_MS));
  return jobs && ((database) => jobs.get(backupJob(prefix, database)) ?? null);
}

/** The backup job of one database, with the same promises; `null` when there is none. */
export async function backupJobOf(
  deployment: Deployment,
  database: string,
): Promise<JobFacts | null | undefined> {
  return lookUp(
    deployment,
    async (schedules) => (await schedules.job(backupJob(schedules.prefix, database))) ?? null,
  );
}

/** Gives up soon: the configuration has nearly the same answer. */
async function lookUp<T>(
  { schedules, log }: Deployment,
  request: (schedules: Schedules) => Promise<T>,
): Promise<T | undefined> {
  if (!schedules) return undefined;
  const error = () =>
    new LifeboatError(
      'deadline',
      `Cloud Scheduler did not answer within ${PATIENCE_MS / 1000} s`,
      'Run it again.',
    );
  try {
    return await timeout(() => request(schedules), { ms: PATIENCE_MS, error });
  } catch (cause) {
    const { code, message, hint } = toLifeboatError(cause);
    log('WARNING', `using the schedules of lifeboat.yaml for the next backups: ${message}`, {
      event: 'status',
      code,
      hint,
    });
    return undefined;
  }
}
