import type { JobFacts, WantedJob } from '../schedule/jobs.ts';
import { alarm, ok, type WatchVerdict } from './verdicts.ts';

const TERRAFORM = 'or apply the Terraform of the deployment again.';

/** Compares a job with what the configuration asks for. */
export function scheduleVerdict(wanted: WantedJob, found: JobFacts | undefined): WatchVerdict {
  const { database, name, schedule, timeZone } = wanted;
  const bad = (fault: string, detail: string, hint: string) =>
    alarm(database, 'schedule', `${name} ${fault}`, detail, hint);
  if (!found)
    return bad(
      'missing',
      `there is no Cloud Scheduler job ${name}`,
      'Apply the Terraform of the deployment: nothing starts this by itself now.',
    );
  const resume = `Start it with \`gcloud scheduler jobs resume ${name}\`, ${TERRAFORM}`;
  if (found.state === 'paused')
    return bad('paused', `the Cloud Scheduler job ${name} is paused`, resume);
  if (found.state === 'disabled')
    return bad(
      'disabled',
      `the Cloud Scheduler job ${name} was disabled by an error of the system`,
      resume,
    );
  if (found.state !== 'enabled')
    return bad(
      'state',
      `the Cloud Scheduler job ${name} is in the state ${found.state}`,
      `Look at it in the Cloud Console, ${TERRAFORM}`,
    );
  if (fields(found.schedule) !== fields(schedule))
    return bad(
      'cron',
      `the Cloud Scheduler job ${name} runs at "${found.schedule}", and the configuration asks for "${schedule}"`,
      'Apply the Terraform of the deployment; if the job is right, change lifeboat.yaml.',
    );
  if (found.timeZone !== timeZone)
    return bad(
      'time zone',
      `the Cloud Scheduler job ${name} runs by the time of ${found.timeZone}, and the configuration asks for ${timeZone}`,
      'Apply the Terraform of the deployment; if the job is right, change lifeboat.yaml.',
    );
  if (found.code !== 0)
    return bad(
      'failing',
      `the last attempt of the Cloud Scheduler job ${name} failed with code ${found.code}${found.message ? `: ${found.message}` : ''}`,
      `See the log of the job for the reason. Code 5: its topic is gone; 7: it may not publish. Mend that, ${TERRAFORM}`,
    );
  return ok(database, 'schedule', `the job ${name} is enabled and as configured`);
}

function fields(cron: string): string {
  return cron.trim().split(/\s+/).join(' ');
}
