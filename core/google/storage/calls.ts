import { setTimeout as sleep } from 'node:timers/promises';
import type { StorageClients } from './client.ts';
import { LifeboatError } from '../../lib/errors.ts';
import { bucketNotFound, gcsFailure, likelyBucket, missingBucket } from './errors.ts';
import { faultOf, isPassing } from './fault.ts';
import { callApi } from './send.ts';

export type Tuning = {
  /** How long one call is repeated without getting on before it fails, ms. */
  readonly totalMs: number;
  /** How long a transfer may stand still, ms. */
  readonly idleMs: number;
  readonly firstDelayMs: number;
  readonly mostDelayMs: number;
  /** What is sent at once, and sent again when it fails; a multiple of 256 KiB. */
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

/** Counts the failures of one piece of work and waits between them; `progress` starts it afresh. */
export type Patience = { progress(): void; failed(error: unknown): Promise<void> };

/** What the parts of the store share. */
export type Calls = {
  readonly bucket: string;
  readonly tuning: Tuning;
  readonly clients: () => Promise<StorageClients>;
  /** One call of the JSON API for this bucket; `path` begins after the bucket's name. */
  api(what: string, request: Parameters<typeof callApi>[2]): Promise<unknown>;
  /**
   * Repeats a call as long as that can help, and gives its error the store's terms. `what` names it
   * for a person.
   */
  run<T>(what: string, work: (clients: StorageClients) => Promise<T>): Promise<T>;
  /**
   * Translates an error into the store's terms; checks whether the bucket exists when the answer
   * leaves that open.
   */
  explain(error: unknown, what: string): Promise<LifeboatError>;
};

const HINT_MS = 5000;

/**
 * `failed` throws the error when a repetition cannot help or has been tried long enough; else it
 * returns after a pause.
 */
export function createPatience(tuning: Tuning): Patience {
  let since: number | undefined;
  let failures = 0;
  let refused = 0;
  return {
    progress: () => {
      since = undefined;
      failures = 0;
    },
    failed: async (error) => {
      const fault = faultOf(error);
      // One 401 may be a token that ran out on the way.
      const again = isPassing(fault) || (fault.status === 401 && (refused += 1) <= 1);
      if (error instanceof LifeboatError || !again) throw error;
      const now = tuning.now();
      since ??= now;
      const pause =
        Math.min(tuning.mostDelayMs, tuning.firstDelayMs * 2 ** failures) *
        (0.5 + tuning.random() / 2);
      failures += 1;
      if (now + pause - since >= tuning.totalMs) throw error;
      await sleep(pause);
    },
  };
}

export function createCalls(
  bucket: string,
  clients: () => Promise<StorageClients>,
  tuning: Tuning,
): Calls {
  const explain = async (error: unknown, what: string): Promise<LifeboatError> => {
    if (error instanceof LifeboatError || !absentBucket(error))
      return gcsFailure(error, what, bucket);
    // Few identities may list a project's buckets; with that right, the hint is better. Finding out
    // the project can take long, so no error waits for it.
    const opened = await clients();
    const listed = opened
      .projectId()
      .then((project) =>
        callApi(opened, tuning.idleMs, {
          method: 'GET',
          path: '',
          query: { project, maxResults: '1000', fields: 'items(name)' },
        }),
      )
      .then((answer) =>
        ((answer as { items?: { name: string }[] }).items ?? []).map(({ name }) => name),
      )
      .catch((): string[] => []);
    const known = await Promise.race([listed, sleep<string[]>(HINT_MS, [], { ref: false })]);
    return missingBucket(bucket, likelyBucket(bucket, known));
  };
  const run: Calls['run'] = async (what, work) => {
    const patience = createPatience(tuning);
    for (;;) {
      try {
        return await work(await clients());
      } catch (error) {
        await patience.failed(error).catch(async (last: unknown) => {
          throw await explain(last, what);
        });
      }
    }
  };
  const api: Calls['api'] = async (what, request) => {
    try {
      return await run(what, (opened) =>
        callApi(opened, tuning.idleMs, { ...request, path: `/${bucket}${request.path}` }),
      );
    } catch (error) {
      const ofObject = request.path.startsWith('/o/');
      const absent = error instanceof LifeboatError && error.code === 'not_found';
      throw absent && !ofObject ? bucketNotFound(bucket, what, error.cause) : error;
    }
  };
  return { bucket, tuning, clients, explain, run, api };
}

function absentBucket(error: unknown): boolean {
  const { status, message } = faultOf(error);
  return status === 404 && /bucket does not exist/i.test(message);
}
