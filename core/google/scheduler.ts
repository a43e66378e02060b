import { LifeboatError } from '../lib/errors.ts';
import type { JobFacts, Schedules } from '../schedule/jobs.ts';
import { GRPC, grpcCodeOf } from './grpc.ts';

export type SchedulerOptions = {
  readonly projectId: string;
  /** The region of the jobs. */
  readonly location: string;
  /** What the names of the jobs begin with. */
  readonly prefix: string;
  /**
   * `host:port` of a test server, which is used without encryption and credentials.
   */
  readonly endpoint?: string | undefined;
  /** The service account with which the jobs make calls. */
  readonly account?: string | undefined;
};

const JOB_TIMEOUT_MS = 30_000;
const ATTEMPT_TIMEOUT_MS = 10_000;
const PAGE = 500;
const STATES = ['unknown', 'enabled', 'paused', 'disabled', 'update-failed'] as const;
// As numbers, google.cloud.scheduler.v1.HttpMethod.
const METHODS = ['', 'POST', 'GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'] as const;
const STATE_NAMES = ['STATE_UNSPECIFIED', 'ENABLED', 'PAUSED', 'DISABLED', 'UPDATE_FAILED'];

type SchedulerJob = {
  name?: string | null;
  state?: unknown;
  status?: { code?: number | null; message?: string | null } | null;
  schedule?: string | null;
  timeZone?: string | null;
  scheduleTime?: { seconds?: unknown } | null;
  pubsubTarget?: { topicName?: string | null; data?: Uint8Array | string | null } | null;
  httpTarget?: SchedulerCall | null;
};
type SchedulerCall = {
  uri?: string | null;
  body?: Uint8Array | string | null;
  httpMethod?: unknown;
  oidcToken?: { serviceAccountEmail?: string | null; audience?: string | null } | null;
  oauthToken?: { serviceAccountEmail?: string | null } | null;
};
type SchedulerClient = Awaited<ReturnType<typeof connectScheduler>>;

/**
 * Reads jobs of Google Cloud Scheduler. The client is created for the first call: it takes 250 ms
 * of CPU to load.
 */
export function openCloudScheduler(options: SchedulerOptions): Schedules {
  const { projectId, location, prefix, account } = options;
  let client: Promise<SchedulerClient> | undefined;
  const open = () => (client ??= connectScheduler(options));
  return {
    prefix,
    place: { prefix, projectId, location, account },
    job: async (name) => {
      try {
        const scheduler = await open();
        const path = scheduler.jobPath(projectId, location, name);
        const [job] = await scheduler.getJob({ name: path }, callOptions(JOB_TIMEOUT_MS));
        return jobFactsOf(job);
      } catch (cause) {
        if (grpcCodeOf(cause) === GRPC.notFound) return undefined;
        throw schedulerFailure(`the Cloud Scheduler job ${name}`, 'get', cause);
      }
    },
    jobs: async (patienceMs) => {
      const end = performance.now() + patienceMs;
      try {
        return await listJobs(await open(), options, end);
      } catch (cause) {
        throw schedulerFailure(`the list of Cloud Scheduler jobs in ${location}`, 'list', cause);
      }
    },
    close: async () => {
      const scheduler = client;
      client = undefined;
      await (await scheduler)?.close();
    },
  };
}

/** `end` on the clock of `performance.now()`: all pages together take no longer. */
async function listJobs(
  client: SchedulerClient,
  { projectId, location, prefix }: SchedulerOptions,
  end: number,
): Promise<Map<string, JobFacts>> {
  const facts = new Map<string, JobFacts>();
  const parent = client.locationPath(projectId, location);
  let pageToken = '';
  do {
    const remainingMs = Math.max(1, end - performance.now());
    const [jobs, , answer] = await client.listJobs(
      { parent, pageSize: PAGE, pageToken },
      { ...callOptions(remainingMs), autoPaginate: false },
    );
    for (const job of jobs) {
      const name = job.name?.split('/').at(-1) ?? '';
      if (name.startsWith(prefix)) facts.set(name, jobFactsOf(job));
    }
    pageToken = answer?.nextPageToken ?? '';
  } while (pageToken !== '');
  return facts;
}

/** Bounds the call itself, and not only the wait for it. */
function callOptions(totalMs: number) {
  const attemptMs = Math.min(ATTEMPT_TIMEOUT_MS, totalMs);
  return {
    retry: {
      // The same call may succeed a moment later.
      retryCodes: [GRPC.resourceExhausted, GRPC.internal, GRPC.unavailable],
      backoffSettings: {
        initialRetryDelayMillis: 200,
        retryDelayMultiplier: 2,
        maxRetryDelayMillis: 5000,
        initialRpcTimeoutMillis: attemptMs,
        rpcTimeoutMultiplier: 1,
        maxRpcTimeoutMillis: attemptMs,
        totalTimeoutMillis: totalMs,
      },
    },
  };
}

async function connectScheduler({ projectId, endpoint }: SchedulerOptions) {
  const { CloudSchedulerClient } = await import('@google-cloud/scheduler');
  if (endpoint === undefined) return new CloudSchedulerClient({ projectId });
  const [{ credentials }, { PassThroughClient }] = await Promise.all([
    import('@grpc/grpc-js'),
    import('google-auth-library'),
  ]);
  const { hostname, port } = new URL(`http://${endpoint}`);
  const sslCreds = credentials.createInsecure();
  return new CloudSchedulerClient({
    projectId,
    apiEndpoint: hostname,
    port: Number(port),
    sslCreds,
    authClient: new PassThroughClient(),
  });
}

function jobFactsOf(job: SchedulerJob): JobFacts {
  const { state, status, schedule, timeZone, scheduleTime, pubsubTarget, httpTarget } = job;
  const data = pubsubTarget?.data ?? httpTarget?.body ?? '';
  const jobState = jobStateOf(state);
  return {
    state: jobState,
    code: status?.code ?? 0,
    message: status?.message ?? '',
    schedule: schedule ?? '',
    timeZone: timeZone ?? '',
    topic: pubsubTarget?.topicName ?? '',
    uri: httpTarget?.uri ?? '',
    method: methodOf(httpTarget?.httpMethod),
    account:
      httpTarget?.oidcToken?.serviceAccountEmail ??
      httpTarget?.oauthToken?.serviceAccountEmail ??
      '',
    audience: httpTarget?.oidcToken?.audience ?? '',
    data: typeof data === 'string' ? Buffer.from(data, 'base64') : data,
    next: jobState === 'enabled' ? timestampText(scheduleTime) : null,
  };
}

/** Empty for a method that this version does not know. */
function methodOf(method: unknown): string {
  if (typeof method === 'number') return METHODS[method] ?? '';
  return METHODS.find((each) => each === method) ?? '';
}

/** The client gives an enum as its number or as its name. */
function jobStateOf(state: unknown): JobFacts['state'] {
  return (
    STATES[
      typeof state === 'number' ? state : typeof state === 'string' ? STATE_NAMES.indexOf(state) : 0
    ] ?? 'unknown'
  );
}

/**
 * google.protobuf.Timestamp, whose seconds the client gives as a number, a text or a Long; a job
 * that never ran has none, or zero.
 */
function timestampText(time: { seconds?: unknown } | null | undefined): string | null {
  const seconds = Number(time?.seconds ?? 0);
  return Number.isFinite(seconds) && seconds > 0 && seconds < 1e11
    ? new Date(seconds * 1000).toISOString()
    : null;
}

function schedulerFailure(subject: string, right: 'get' | 'list', cause: unknown): LifeboatError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = `${subject} cannot be read: ${reason}`;
  const code = grpcCodeOf(cause);
  if (code === GRPC.permissionDenied || code === GRPC.unauthenticated)
    return new LifeboatError(
      'store_denied',
      message,
      `Grant the identity of the function the permission cloudscheduler.jobs.${right} in the project.`,
      { cause },
    );
  return new LifeboatError(
    'store_unreachable',
    message,
    'Cloud Scheduler did not answer. The next run tries again.',
    { cause },
  );
}
