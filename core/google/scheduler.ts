import { LifeboatError } from '../errors.ts';
import type { JobFacts, Schedules } from '../policy/verdicts-schedule.ts';

export type SchedulerOptions = {
  readonly projectId: string;
  /** The region of the jobs. */
  readonly location: string;
  /** What comes before their names. */
  readonly prefix: string;
  /** `host:port` of another server than Google's, which is spoken to without encryption or identity: a test's. */
  readonly endpoint?: string | undefined;
};

const PATIENCE_MS = 30_000;
const NOT_FOUND = 5;
const DENIED = 7;
const UNAUTHENTICATED = 16;
const UNAVAILABLE = 14;
const STATES = ['unknown', 'enabled', 'paused', 'disabled', 'update-failed'] as const;
const NAMES = ['STATE_UNSPECIFIED', 'ENABLED', 'PAUSED', 'DISABLED', 'UPDATE_FAILED'];

const grpcCode = (error: unknown): number | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : undefined;

const explain = (name: string, cause: unknown): LifeboatError => {
  const code = grpcCode(cause);
  const what = `the Cloud Scheduler job ${name} cannot be looked at: ${cause instanceof Error ? cause.message : String(cause)}`;
  if (code === DENIED || code === UNAUTHENTICATED)
    return new LifeboatError('store_denied', what, 'Give the identity of the function the right cloudscheduler.jobs.get in the project.', {
      cause,
    });
  return new LifeboatError('store_unreachable', what, 'Cloud Scheduler did not answer; the next watch asks again.', { cause });
};

/** The client gives an enum as its number or as its name. */
const stateOf = (state: unknown): JobFacts['state'] =>
  STATES[typeof state === 'number' ? state : typeof state === 'string' ? NAMES.indexOf(state) : 0] ?? 'unknown';

const connect = async ({ projectId, endpoint }: SchedulerOptions) => {
  const { CloudSchedulerClient } = await import('@google-cloud/scheduler');
  if (endpoint === undefined) return new CloudSchedulerClient({ projectId });
  const [{ credentials }, { PassThroughClient }] = await Promise.all([import('@grpc/grpc-js'), import('google-auth-library')]);
  const { hostname, port } = new URL(`http://${endpoint}`);
  const sslCreds = credentials.createInsecure();
  return new CloudSchedulerClient({ projectId, apiEndpoint: hostname, port: Number(port), sslCreds, authClient: new PassThroughClient() });
};

/** Reads jobs of Google Cloud Scheduler, by their exact names. The client is made at the first question: it takes 250 ms of CPU to load. */
export const openSchedules = (options: SchedulerOptions): Schedules => {
  const { projectId, location, prefix } = options;
  let opened: ReturnType<typeof connect> | undefined;
  const retry = {
    retryCodes: [UNAVAILABLE],
    backoffSettings: {
      initialRetryDelayMillis: 200,
      retryDelayMultiplier: 2,
      maxRetryDelayMillis: 5000,
      initialRpcTimeoutMillis: 10_000,
      rpcTimeoutMultiplier: 1,
      maxRpcTimeoutMillis: 10_000,
      totalTimeoutMillis: PATIENCE_MS,
    },
  };
  return {
    prefix,
    job: async (name) => {
      try {
        const client = await (opened ??= connect(options));
        const [job] = await client.getJob({ name: client.jobPath(projectId, location, name) }, { retry });
        return {
          state: stateOf(job.state),
          code: job.status?.code ?? 0,
          message: job.status?.message ?? '',
          schedule: job.schedule ?? '',
          timeZone: job.timeZone ?? '',
        };
      } catch (cause) {
        if (grpcCode(cause) === NOT_FOUND) return undefined;
        throw explain(name, cause);
      }
    },
    close: async () => {
      const client = opened;
      opened = undefined;
      await (await client)?.close();
    },
  };
};
