import type { Finding } from '../documents/finding.ts';
import type { DeploymentPlace, JobFacts, WantedTarget } from '../schedule/jobs.ts';

/** How a job differs from the one that the configuration requires. */
export type JobDrift = Pick<Finding, 'about' | 'detail'>;

type CalledTarget = Exclude<WantedTarget, { kind: 'function' }>;
type TargetCheck<T = WantedTarget> = {
  /** The job, as an error names it. */
  readonly subject: string;
  readonly target: T;
  readonly job: JobFacts;
  readonly place: DeploymentPlace;
};

/** Whether a job publishes to, calls or starts what the configuration requires. */
export function targetProblem({ subject, target, job, place }: TargetCheck): JobDrift | undefined {
  if (target.kind !== 'function') return callProblem({ subject, target, job, place });
  const { topic, uri } = job;
  if (topic.endsWith(`/topics/${target.topic}`)) return undefined;
  return {
    about: 'topic',
    detail: `${subject} publishes to ${topic || uri || 'no topic'} instead of ${target.topic}`,
  };
}

/** The address, then the rest of the call, as infra/module/triggers.tf writes it. */
function callProblem({
  subject,
  target,
  job,
  place,
}: TargetCheck<CalledTarget>): JobDrift | undefined {
  const { topic, uri, method, account, audience } = job;
  const isRight =
    target.kind === 'job' ? startsJob(uri, target.job, place) : isBackupNow(uri, place);
  if (!isRight) {
    const requirement = target.kind === 'job' ? `the Cloud Run job ${target.job}` : 'backup-now';
    const actual = topic === '' ? uri || 'nothing' : `the topic ${topic}`;
    return { about: 'target', detail: `${subject} starts ${actual} instead of ${requirement}` };
  }
  if (method !== '' && method !== 'POST')
    return { about: 'method', detail: `${subject} sends ${method} instead of POST` };
  if (place.account !== undefined && account !== place.account)
    return {
      about: 'account',
      detail: `${subject} calls as ${account || 'nobody'} instead of ${place.account}`,
    };
  if (target.kind === 'http' && audience !== '' && !isBackupNow(audience, place))
    return {
      about: 'audience',
      detail: `${subject} has a token for ${audience}, which is not backup-now`,
    };
  return undefined;
}

/**
 * Google has two addresses for the same request (the older one names the region in the host), and
 * takes the id or the number of the project.
 */
function startsJob(uri: string, job: string, { projectId, location }: DeploymentPlace): boolean {
  const path =
    after(uri, 'https://run.googleapis.com/v2/projects/') ??
    after(uri, `https://${location}-run.googleapis.com/apis/run.googleapis.com/v1/namespaces/`);
  const [, project = '', rest] = /^([^/]+)\/(.*)$/.exec(path ?? '') ?? [];
  const isProject = project === projectId || /^\d+$/.test(project);
  return (
    isProject && [`locations/${location}/jobs/${job}:run`, `jobs/${job}:run`].includes(rest ?? '')
  );
}

/**
 * A function has up to three addresses: two of its Cloud Run service, with a hash or with the number
 * of the project, and one at cloudfunctions.net. A domain of the user's own may lead to it, too.
 */
function isBackupNow(address: string, { prefix, projectId, location }: DeploymentPlace): boolean {
  const url = URL.parse(address);
  if (url?.protocol !== 'https:' || url.search !== '' || url.port !== '') return false;
  const { hostname } = url;
  const path = url.pathname.replace(/\/$/, '');
  const name = `${prefix}backup-now`;
  if (hostname.endsWith('.cloudfunctions.net'))
    return hostname === `${location}-${projectId}.cloudfunctions.net` && path === `/${name}`;
  if (path !== '' || hostname.endsWith('.googleapis.com')) return false;
  if (!hostname.endsWith('.run.app')) return true;
  const label = after(hostname, `${name}-`);
  if (label === undefined) return false;
  return /^[a-z0-9]+-[a-z0-9]+\.a\.run\.app$/.test(label) || isNumbered(label, location);
}

/** `123456.us-central1.run.app` */
function isNumbered(label: string, location: string): boolean {
  const [number = '', ...rest] = label.split('.');
  return /^\d+$/.test(number) && rest.join('.') === `${location}.run.app`;
}

function after(text: string, beginning: string): string | undefined {
  return text.startsWith(beginning) ? text.slice(beginning.length) : undefined;
}
