import { backoff, retry, timeout } from '../../lib/async.ts';
import { interrupted, isTransient, LifeboatError } from '../../lib/errors.ts';
import type { StorageClients } from './client.ts';
import {
  bucketNotFound,
  gcsFailure,
  isMissingBucket,
  likelyBucket,
  missingBucket,
  httpStatusOf,
} from './errors.ts';
import { callApi, type ApiRequest, type Transport } from './send.ts';

export type Tuning = {
  /** How long a call is repeated without progress before it fails, ms. */
  readonly totalMs: number;
  /** How long a transfer may stand still, ms. */
  readonly idleMs: number;
  readonly firstDelayMs: number;
  readonly mostDelayMs: number;
  /** Bytes of an upload that are sent at once, and sent again after a failure; a multiple of 256 KiB. */
  readonly chunkSize: number;
  readonly random: () => number;
  readonly now: () => number;
};

export const TUNING: Tuning = {
  totalMs: 120_000,
  idleMs: 30_000,
  firstDelayMs: 500,
  mostDelayMs: 16_000,
  chunkSize: 8 * 2 ** 20,
  random: Math.random,
  now: () => performance.now(),
};

/** Decides about retries of one piece of work; after `progress` its time begins again. */
export type CallPatience = { progress(): void; pauseMs(error: unknown): number | undefined };

export type CallsOptions = {
  readonly bucket: string;
  /** Called with each request; loads Google's client with the first. */
  readonly clients: () => Promise<StorageClients>;
  readonly tuning?: Partial<Tuning>;
  /** Ends all calls, which then throw `interrupted`. */
  readonly signal?: AbortSignal | undefined;
};

/** The calls for one bucket. Every call is bounded in time, and repeated where that helps. */
export type Calls = {
  readonly bucket: string;
  readonly tuning: Tuning;
  readonly signal: AbortSignal | undefined;
  transport(): Promise<Transport>;
  /**
   * Makes one call of the JSON API; the path of the request begins after the name of the bucket.
   * `subject` names for a person what the call is about.
   */
  api(subject: string, request: ApiRequest): Promise<unknown>;
  /** Repeats a call as long as that can help. Throws LifeboatErrors. */
  run<T>(subject: string, work: (transport: Transport) => Promise<T>): Promise<T>;
  /** Translates what one attempt threw. */
  failureOf(error: unknown, subject: string): LifeboatError;
  /** Translates what the last attempt threw. For a missing bucket, looks for a similar name. */
  explain(error: unknown, subject: string): Promise<LifeboatError>;
};

const SIMILAR_BUCKETS_MS = 5000;

export function createCalls({ bucket, clients, signal, ...options }: CallsOptions): Calls {
  const tuning = { ...TUNING, ...options.tuning };
  const transport = async (): Promise<Transport> => ({
    clients: await clients(),
    idleMs: tuning.idleMs,
    signal,
  });
  const failureOf: Calls['failureOf'] = (error, subject) =>
    signal?.aborted ? interrupted(error) : gcsFailure(error, subject, bucket);
  const explain: Calls['explain'] = async (error, subject) => {
    const failure = failureOf(error, subject);
    if (!isMissingBucket(failure)) return failure;
    return missingBucket(bucket, likelyBucket(bucket, await visibleBuckets(transport)));
  };
  const run: Calls['run'] = async (subject, work) => {
    const attempt = async () => {
      try {
        return await work(await transport());
      } catch (error) {
        throw failureOf(error, subject);
      }
    };
    try {
      return await retry(attempt, { pauseMs: createPatience(tuning).pauseMs, signal });
    } catch (error) {
      throw await explain(error, subject);
    }
  };
  const api: Calls['api'] = async (subject, request) => {
    try {
      const path = `/${bucket}${request.path}`;
      return await run(subject, (each) => callApi(each, { ...request, path }));
    } catch (error) {
      const isAbsent = error instanceof LifeboatError && error.code === 'not_found';
      const isAboutObject = request.path.startsWith('/o/');
      throw isAbsent && !isAboutObject ? bucketNotFound(bucket, subject, error.cause) : error;
    }
  };
  return { bucket, tuning, signal, transport, api, run, failureOf, explain };
}

export function createPatience({
  totalMs,
  firstDelayMs,
  mostDelayMs,
  random,
  now,
}: Tuning): CallPatience {
  let since: number | undefined;
  let [failures, refusals] = [0, 0];
  return {
    progress: () => {
      since = undefined;
      failures = 0;
    },
    pauseMs: (error) => {
      // One 401 may be a token that expired on the way.
      const mayHelp = isTransient(error) || (httpStatusOf(error) === 401 && (refusals += 1) <= 1);
      if (!mayHelp) return undefined;
      const at = now();
      since ??= at;
      failures += 1;
      const pause = backoff(failures, { firstMs: firstDelayMs, mostMs: mostDelayMs, random });
      return at + pause - since >= totalMs ? undefined : pause;
    },
  };
}

/**
 * The buckets of the project, for a better hint. Few identities may list them, and finding out the
 * project can take long, so no error waits longer than a few seconds for it.
 */
async function visibleBuckets(transport: () => Promise<Transport>): Promise<string[]> {
  const list = async (): Promise<string[]> => {
    const own = await transport();
    const query = {
      project: await own.clients.projectId(),
      maxResults: '1000',
      fields: 'items(name)',
    };
    const { items = [] } = (await callApi(own, { method: 'GET', path: '', query })) as {
      items?: { name: string }[];
    };
    return items.map(({ name }) => name);
  };
  const error = () => new Error('the buckets of the project are not known in time');
  return timeout(list, { ms: SIMILAR_BUCKETS_MS, error }).catch(() => []);
}
