import { LifeboatError } from '../lib/errors.ts';
import type { JobFacts, Schedules } from '../schedule/jobs.ts';

export type SchedulerOptions = {
  readonly projectId: string;
  /** The region of the jobs. */
  readonly location: string;
  /** What comes before their names. */
  readonly prefix: string;
  /**
   * `host:port` of another server than Google's, which is spoken to without encryption or identity:
   * a test's.
   */
  readonly endpoint?: string | undefined;
};

const PATIENCE_MS = 30_000;
const PAGE = 500;
const NOT_FOUND = 5;
const DENIED = 7;
const UNAUTHENTICATED = 16;
/** RESOURCE_EXHAUSTED, INTERNAL and UNAVAILABLE: the same call may succeed a moment later. */
const TRANSIENT = [8, 13, 14];
const STATES = ['unknown', 'enabled', 'paused', 'disabled', 'update-failed'] as const;
const NAMES = ['STATE_UNSPECIFIED', 'ENABLED', 'PAUSED', 'DISABLED', 'UPDATE_FAILED'];

type Job = {
  name?: string | null;
  state?: unknown;
  status?: { code?: number | null; message?: string | null } | null;
  schedule?: string | null;
  timeZone?: string | null;
  scheduleTime?: { seconds?: unknown } | null;
  pubsubTarget?: { topicName?: string | null; data?: Uint8Array | string | null } | null;
};

/**
 * Reads jobs of Google Cloud Scheduler. The client is made at the first question: it takes 250 ms
 * of CPU to load.
 */
export function openSchedules(options: SchedulerOptions): Schedules {
  const { projectId, location, prefix } = options;
  let opened: ReturnType<typeof connect> | undefined;
  // A call of the client, and not only the wait for it, ends after so long.
  const within = (patienceMs: number) => ({
    retry: {
      retryCodes: TRANSIENT,
      backoffSettings: {
        initialRetryDelayMillis: 200,
        retryDelayMultiplier: 2,
        maxRetryDelayMillis: 5000,
        initialRpcTimeoutMillis: Math.min(10_000, patienceMs),
        rpcTimeoutMultiplier: 1,
        maxRpcTimeoutMillis: Math.min(10_000, patienceMs),
        totalTimeoutMillis: patienceMs,
      },
    },
  });
  return {
    prefix,
    job: async (name) => {
      try {
        const client = await (opened ??= connect(options));
        const [job] = await client.getJob(
          { name: client.jobPath(projectId, location, name) },
          within(PATIENCE_MS),
        );
        return factsOf(job);
      } catch (cause) {
        if (grpcCode(cause) === NOT_FOUND) return undefined;
        throw explain(`the Cloud Scheduler job ${name}`, 'get', cause);
      }
    },
    jobs: async (patienceMs) => {
      const found = new Map<string, JobFacts>();
      const end = performance.now() + patienceMs;
      try {
        const client = await (opened ??= connect(options));
        const parent = client.locationPath(projectId, location);
        let pageToken = '';
        do {
          const left = { ...within(Math.max(1, end - performance.now())), autoPaginate: false };
          const [jobs, , answer] = await client.listJobs(
            { parent, pageSize: PAGE, pageToken },
            left,
          );
          for (const job of jobs) {
            const name = job.name?.split('/').at(-1) ?? '';
            if (name.startsWith(prefix)) found.set(name, factsOf(job));
          }
          pageToken = answer?.nextPageToken ?? '';
        } while (pageToken !== '');
        return found;
      } catch (cause) {
        throw explain(`the list of Cloud Scheduler jobs in ${location}`, 'list', cause);
      }
    },
    close: async () => {
      const client = opened;
      opened = undefined;
      await (await client)?.close();
    },
  };
}

async function connect({ projectId, endpoint }: SchedulerOptions) {
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

function factsOf(job: Job): JobFacts {
  const { state, status, schedule, timeZone, scheduleTime, pubsubTarget } = job;
  const data = pubsubTarget?.data ?? '';
  const told = stateOf(state);
  return {
    state: told,
    code: status?.code ?? 0,
    message: status?.message ?? '',
    schedule: schedule ?? '',
    timeZone: timeZone ?? '',
    topic: pubsubTarget?.topicName ?? '',
    data: typeof data === 'string' ? Buffer.from(data, 'base64') : data,
    next: told === 'enabled' ? momentOf(scheduleTime) : null,
  };
}

/** The client gives an enum as its number or as its name. */
function stateOf(state: unknown): JobFacts['state'] {
  return (
    STATES[
      typeof state === 'number' ? state : typeof state === 'string' ? NAMES.indexOf(state) : 0
    ] ?? 'unknown'
  );
}

/**
 * google.protobuf.Timestamp, whose seconds the client gives as a number, a text or a Long; a job
 * that never ran has none, or zero.
 */
function momentOf(time: { seconds?: unknown } | null | undefined): string | null {
  const seconds = Number(time?.seconds ?? 0);
  return Number.isFinite(seconds) && seconds > 0 && seconds < 1e11
    ? new Date(seconds * 1000).toISOString()
    : null;
}

function grpcCode(error: unknown): number | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'number'
    ? error.code
    : undefined;
}

function explain(subject: string, right: 'get' | 'list', cause: unknown): LifeboatError {
  const code = grpcCode(cause);
  const what = `${subject} cannot be looked at: ${cause instanceof Error ? cause.message : String(cause)}`;
  if (code === DENIED || code === UNAUTHENTICATED)
    return new LifeboatError(
      'store_denied',
      what,
      `Give the identity of the function the right cloudscheduler.jobs.${right} in the project.`,
      { cause },
    );
  return new LifeboatError(
    'store_unreachable',
    what,
    'Cloud Scheduler did not answer; it is asked again the next time.',
    { cause },
  );
}
