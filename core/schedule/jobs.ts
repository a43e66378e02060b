import { dnsLabel } from '../lib/text/dns-label.ts';
import { LifeboatError, toLifeboatError } from '../lib/errors.ts';
import type { Log } from '../lib/log/log.ts';
import { timeout } from '../lib/async.ts';
import type { BackupPlace } from './places.ts';
import { ENGLISH, formatTook } from '../lib/text/format.ts';

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
  /** `projects/P/topics/T` that it publishes to; empty for another target. */
  readonly topic: string;
  /** The address that it calls; empty for another target. */
  readonly uri: string;
  /** The method of that call; empty when Cloud Scheduler reports none. */
  readonly method: string;
  /** The service account whose token the call has; empty without a token. */
  readonly account: string;
  /** The audience of an ID token; empty without one, and when it is `uri`. */
  readonly audience: string;
  /** The message that it publishes, or the body of its request. */
  readonly data: Uint8Array;
  /** When it runs next, ISO 8601; null when nothing is byConfiguration (paused). May be a retry. */
  readonly next: string | null;
};

/** Where a deployment is, to recognize the addresses that its jobs call. */
export type DeploymentPlace = {
  /** What the names of its jobs and functions begin with. */
  readonly prefix: string;
  readonly projectId: string;
  readonly location: string;
  /** The service account with which Cloud Scheduler makes calls; undefined when nobody says. */
  readonly account: string | undefined;
};

/** Reads the schedules of the deployment. */
export interface Schedules {
  readonly place: DeploymentPlace;
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

/**
 * What is known of the job of a database: `null` when there is none, `unknown` when Cloud Scheduler
 * did not answer, `no-deployment` on a host, where another program runs the schedules.
 */
export type KnownJob = JobFacts | null | 'unknown' | 'no-deployment';

/** A job that the configuration requires; `database` is null when it serves all databases. */
export type WantedJob = {
  readonly database: string | null;
  readonly name: string;
  readonly schedule: string;
  readonly timeZone: string;
  readonly target: WantedTarget;
};

/**
 * What a job of Cloud Scheduler starts: it publishes to a topic (without the project), calls the
 * function `backup-now`, or starts a Cloud Run job.
 */
export type WantedTarget =
  | { readonly kind: 'function'; readonly topic: string }
  | { readonly kind: 'http' }
  | { readonly kind: 'job'; readonly job: string };

export type NextBackup = {
  readonly at: string | null;
  readonly from: 'cloud-scheduler' | 'configuration' | null;
  /**
   * Whether the schedule of the configuration runs; `unknown` when Cloud Scheduler did not say.
   * `none`: the configuration has no schedule.
   */
  readonly schedule: 'running' | 'paused' | 'unknown' | 'none';
};

/** A schedule of the configuration; false: switched off. */
type Planned = { readonly schedule: string | false; readonly timeZone: string };
type PlannedJobs = {
  readonly databases: Readonly<
    Record<
      string,
      { name: string; run: BackupPlace; schedule: string | undefined; timeZone: string }
    >
  >;
  readonly restoreTest: Planned;
  readonly watch: Planned;
};

/** `schedules` is undefined on a host, where there is no deployment on Google Cloud. */
type Deployment = { readonly schedules: Schedules | undefined; readonly log: Log };

const LOOKUP_TIMEOUT_MS = 5000;

/** The name that the Terraform of the deployment gives the job that backs up a database. */
export function backupJob(prefix: string, database: string): string {
  return `${prefix}backup-${database}`;
}

/** The name that the Terraform of the deployment gives the Cloud Run job of a database. */
export function cloudRunJob(
  prefix: string,
  operation: 'backup' | 'restore-test',
  database: string,
): string {
  return `${prefix}${operation}-${dnsLabel(database)}`;
}

/** The jobs that Cloud Scheduler should have. */
export function wantedJobs(
  { databases, restoreTest, watch }: PlannedJobs,
  prefix: string,
): WantedJob[] {
  const all = Object.values(databases);
  const backups = all.flatMap(({ name, run, schedule, timeZone }) =>
    wantedJob(schedule, timeZone, {
      database: name,
      name: backupJob(prefix, name),
      target: backupTarget(prefix, name, run),
    }),
  );
  // A function cannot restore what only a job can back up.
  const ownRestoreTests = all
    .filter(({ run }) => run === 'job')
    .flatMap(({ name }) =>
      wantedJob(restoreTest.schedule, restoreTest.timeZone, {
        database: name,
        name: `${prefix}restore-test-${name}`,
        target: { kind: 'job', job: cloudRunJob(prefix, 'restore-test', name) },
      }),
    );
  const forAll = [['restore-test', restoreTest] as const, ['watch', watch] as const].flatMap(
    ([name, { schedule, timeZone }]) =>
      wantedJob(schedule, timeZone, {
        database: null,
        name: `${prefix}${name}`,
        target: { kind: 'function', topic: `${prefix}${name}` },
      }),
  );
  return [...backups, ...ownRestoreTests, ...forAll];
}

function backupTarget(prefix: string, database: string, run: BackupPlace): WantedTarget {
  if (run === 'job') return { kind: run, job: cloudRunJob(prefix, 'backup', database) };
  return run === 'http' ? { kind: run } : { kind: run, topic: `${prefix}backup` };
}

/** None for a schedule that is switched off. */
function wantedJob(
  schedule: string | false | undefined,
  timeZone: string,
  job: Omit<WantedJob, 'schedule' | 'timeZone'>,
): WantedJob[] {
  return schedule === undefined || schedule === false ? [] : [{ ...job, schedule, timeZone }];
}

/**
 * When the next backup is. `byCron` is the time by the configuration (null: no schedule). A job that
 * is paused, disabled or missing (null) starts no backup. Without an answer from Cloud Scheduler
 * (`unknown`), the time comes from the configuration, and it is unknown whether anything runs then.
 */
export function nextBackup(byCron: Date | null, job: KnownJob): NextBackup {
  if (!byCron) return { at: null, from: null, schedule: 'none' };
  const byConfiguration = { at: byCron.toISOString(), from: 'configuration' } as const;
  if (job === 'no-deployment') return { ...byConfiguration, schedule: 'running' };
  if (job === 'unknown' || job?.state === 'unknown')
    return { ...byConfiguration, schedule: 'unknown' };
  if (job === null || job.state === 'paused' || job.state === 'disabled')
    return { at: null, from: null, schedule: 'paused' };
  if (job.next !== null) return { at: job.next, from: 'cloud-scheduler', schedule: 'running' };
  return { ...byConfiguration, schedule: 'running' };
}

/** Looks up the backup job of each database in one request. Never throws. */
export async function backupJobs(
  deployment: Deployment,
  databases: readonly { readonly schedule: string | undefined }[],
): Promise<(database: string) => KnownJob> {
  if (databases.every(({ schedule }) => schedule === undefined)) return () => 'no-deployment';
  const prefix = deployment.schedules?.prefix ?? '';
  const jobs = await lookUp(deployment, (schedules) => schedules.jobs(LOOKUP_TIMEOUT_MS));
  return (database) =>
    typeof jobs === 'string' ? jobs : (jobs.get(backupJob(prefix, database)) ?? null);
}

/** The backup job of one database. Never throws. */
export async function backupJobOf(deployment: Deployment, database: string): Promise<KnownJob> {
  return lookUp(
    deployment,
    async (schedules) => (await schedules.job(backupJob(schedules.prefix, database))) ?? null,
  );
}

/** Gives up soon, so that a status is shown in time; `unknown` when there was no answer. */
async function lookUp<T>(
  { schedules, log }: Deployment,
  request: (schedules: Schedules) => Promise<T>,
): Promise<T | 'no-deployment' | 'unknown'> {
  if (!schedules) return 'no-deployment';
  const error = () =>
    new LifeboatError(
      'deadline',
      `Cloud Scheduler did not answer within ${formatTook(ENGLISH, LOOKUP_TIMEOUT_MS)}`,
      'Run the command again.',
    );
  try {
    return await timeout(() => request(schedules), { ms: LOOKUP_TIMEOUT_MS, error });
  } catch (cause) {
    const { code, message, hint } = toLifeboatError(cause);
    log('WARNING', `using the schedules of lifeboat.yaml for the next backups: ${message}`, {
      event: 'status',
      code,
      hint,
    });
    return 'unknown';
  }
}
