import { mapConcurrent } from '../lib/async.ts';
import type { Config } from '../config/load.ts';
import type { Finding } from '../documents/finding.ts';
import { isSameZone } from '../schedule/cron.ts';
import { readMessage } from '../messages/messages.ts';
import {
  wantedJobs,
  type DeploymentPlace,
  type JobFacts,
  type Schedules,
  type WantedJob,
} from '../schedule/jobs.ts';
import type { BackupPlace } from '../schedule/places.ts';
import { errorFinding, okFinding } from './finding.ts';
import { targetProblem, type JobDrift } from './target.ts';

type JobProblem = JobDrift & Pick<Finding, 'hint'> & { readonly level?: 'warning' };
export type JobFinding = { readonly job: WantedJob; readonly finding: Finding<'schedule'> };

const JOB_READERS = 8;
/** What the codes of a failed attempt mean. */
const ATTEMPT_CODES: Readonly<Record<BackupPlace, string>> = {
  function: 'code 5 means that its topic is missing, 7 that it has no right to publish.',
  http: 'code 7 means that it may not call backup-now, 5 that its address is wrong.',
  job: 'code 5 means that its Cloud Run job is missing, 7 that it has no right to start it.',
};
/**
 * Of an answer 429 or 5xx, as in google.rpc.Code. backup-now reports such a failure itself, and when
 * no attempt succeeds, the backup is late.
 */
const RETRIED_CODES: ReadonlySet<number> = new Set([2, 4, 8, 10, 13, 14]);
const APPLY =
  'Apply the Terraform of the deployment; if the job is right, change lifeboat.yaml instead.';

/** Compares the jobs of Cloud Scheduler with the configuration; nothing without a deployment. */
export async function watchSchedules(
  schedules: Schedules | undefined,
  config: Config,
): Promise<Finding<'schedule'>[]> {
  if (!schedules) return [];
  const { jobs, error } = await checkJobs(schedules, config);
  return [
    ...(error === undefined ? [] : [errorFinding('schedule', error)]),
    ...jobs.map(({ finding }) => finding),
  ];
}

/**
 * A finding for each job that the configuration requires, and closes the connection. The first
 * `error` ends it, because it is likely the same for all jobs; the jobs read until then are in the
 * result.
 */
export async function checkJobs(
  schedules: Schedules,
  config: Config,
): Promise<{ jobs: JobFinding[]; error: unknown }> {
  const errors: unknown[] = [];
  const jobs = await mapConcurrent(
    wantedJobs(config, schedules.prefix),
    JOB_READERS,
    async (job): Promise<JobFinding[]> => {
      if (errors.length > 0) return [];
      try {
        const finding = judgeJob(job, await schedules.job(job.name), schedules.place);
        return [{ job, finding }];
      } catch (error) {
        errors.push(error);
        return [];
      }
    },
  );
  await schedules.close().catch(() => undefined);
  return { jobs: jobs.flat(), error: errors[0] };
}

/** Compares a job with the one that the configuration requires. */
export function judgeJob(
  wanted: WantedJob,
  job: JobFacts | undefined,
  place: DeploymentPlace,
): Finding<'schedule'> {
  const { name, schedule, timeZone } = wanted;
  const database = wanted.database ?? undefined;
  const problem = jobProblem(wanted, job, place);
  if (problem) {
    const { about, detail, hint, level = 'fault' } = problem;
    return { check: 'schedule', database, about: `${name} ${about}`, level, detail, hint };
  }
  return { ...okFinding('schedule', `${name} is enabled (${schedule}, ${timeZone})`), database };
}

function jobProblem(
  wanted: WantedJob,
  job: JobFacts | undefined,
  place: DeploymentPlace,
): JobProblem | undefined {
  const { name } = wanted;
  const resume = `Run \`gcloud scheduler jobs resume ${name} --location=REGION\` with the region of the deployment, or apply the Terraform of the deployment.`;
  if (!job)
    return {
      about: 'missing',
      detail: `there is no Cloud Scheduler job ${name}`,
      hint: 'Apply the Terraform of the deployment to create it: nothing runs on this schedule now.',
    };
  if (job.state === 'paused')
    return { about: 'paused', detail: `the Cloud Scheduler job ${name} is paused`, hint: resume };
  if (job.state === 'disabled')
    return {
      about: 'disabled',
      detail: `Cloud Scheduler disabled the job ${name} after an error`,
      hint: resume,
    };
  if (job.state !== 'enabled')
    return {
      about: 'state',
      detail: `the Cloud Scheduler job ${name} is in state ${job.state}`,
      hint: 'Open the job in the Cloud Console, or apply the Terraform of the deployment.',
    };
  const drift = driftOf(wanted, job, place);
  if (drift) return { ...drift, hint: APPLY };
  if (job.code === 0) return undefined;
  const detail = `the last attempt of the Cloud Scheduler job ${name} failed with code ${job.code}${job.message ? `: ${job.message}` : ''}`;
  if (wanted.target.kind === 'http' && RETRIED_CODES.has(job.code))
    return {
      about: 'failing',
      level: 'warning',
      detail,
      hint: 'See the last run of the database: Cloud Scheduler repeats the call. Code 8 means that every instance of backup-now was busy, 4 that the backup took more than 30 minutes (set `run: job`).',
    };
  return {
    about: 'failing',
    detail,
    hint: `See the log of the job, then apply the Terraform of the deployment: ${ATTEMPT_CODES[wanted.target.kind]}`,
  };
}

/** How an enabled job differs from the one that the configuration requires. */
function driftOf(
  { name, schedule, timeZone, target, database }: WantedJob,
  job: JobFacts,
  place: DeploymentPlace,
): JobDrift | undefined {
  const subject = `the Cloud Scheduler job ${name}`;
  if (fields(job.schedule) !== fields(schedule))
    return {
      about: 'cron',
      detail: `${subject} runs at "${job.schedule}", but lifeboat.yaml says "${schedule}"`,
    };
  if (!isSameZone(job.timeZone, timeZone))
    return {
      about: 'time zone',
      detail: `${subject} runs in time zone ${job.timeZone}, but lifeboat.yaml says ${timeZone}`,
    };
  const wrongTarget = targetProblem({ subject, target, job, place });
  if (wrongTarget) return wrongTarget;
  // The Cloud Run job itself names its operation and its database.
  if (target.kind === 'job') return undefined;
  const message = JSON.stringify({ database: database ?? '*', reason: 'schedule', kind: 'auto' });
  if (normalised(job.data) === message) return undefined;
  const text = Buffer.from(job.data).toString('utf8').slice(0, 200);
  return {
    about: 'message',
    detail: `${subject} ${target.kind === 'function' ? 'publishes' : 'sends'} ${text || 'nothing'} instead of ${message}`,
  };
}

/** The message with its defaults filled in, or nothing when the functions would refuse it. */
function normalised(data: Uint8Array): string | undefined {
  try {
    const { database, reason, kind } = readMessage(data);
    return JSON.stringify({ database, reason, kind });
  } catch {
    return undefined;
  }
}

function fields(cron: string): string {
  return cron.trim().split(/\s+/).join(' ');
}
