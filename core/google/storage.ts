import type { Readable } from 'node:stream';
import type { Storage } from '@google-cloud/storage';

export type StorageOptions = {
  /** Another server than Google's, such as an emulator: nothing is authenticated there. */
  readonly endpoint?: string;
  readonly projectId?: string;
  /** How long one metadata call may take, ms. */
  readonly timeoutMs?: number;
};

export type StorageRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute, or a path below the endpoint. */
  readonly url: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | Readable;
  /** Ends the request and the stream of its answer. */
  readonly signal: AbortSignal;
  readonly stream?: boolean;
};
export type StorageAnswer = { readonly status: number; readonly headers: Headers; readonly data: unknown };

/**
 * Google's client, and one authenticated request. Neither retries: the client's own retry of a download ends the process
 * (googleapis/google-cloud-node #8670), and neither its upload nor its metadata calls have a time limit (its `timeout` reaches an HTTP library that
 * knows no such option any more), so the store bounds, repeats and resumes by itself.
 */
export type StorageClients = {
  readonly client: Storage;
  /** Rejects with the library's error unless the answer is 2xx, 308 or 416. */
  send(request: StorageRequest): Promise<StorageAnswer>;
};

const accepted = (status: number): boolean => (status >= 200 && status < 300) || status === 308 || status === 416;

/** The one place that makes Google's storage client. Takes 200 ms of CPU to load: call it when something is to be read or written. */
export const openStorage = async ({ endpoint, projectId, timeoutMs = 60_000 }: StorageOptions = {}): Promise<StorageClients> => {
  const [{ Storage, IdempotencyStrategy }, { PassThroughClient }] = await Promise.all([
    import('@google-cloud/storage'),
    import('google-auth-library'),
  ]);
  const base = endpoint?.replace(/\/+$/, '');
  const client = new Storage({
    timeout: timeoutMs,
    retryOptions: { autoRetry: false, maxRetries: 0, idempotencyStrategy: IdempotencyStrategy.RetryNever },
    ...(base === undefined ? {} : { apiEndpoint: base, authClient: new PassThroughClient() }),
    ...(projectId === undefined ? {} : { projectId }),
  });
  const send = async ({ method, url, query, headers, body, signal, stream }: StorageRequest): Promise<StorageAnswer> => {
    const answer = await client.authClient.request<unknown>({
      method,
      url: url.startsWith('/') ? `${client.apiEndpoint}${url}` : url,
      headers: { ...headers },
      signal,
      responseType: stream ? 'stream' : 'json',
      validateStatus: accepted,
      // A 308 of a resumable upload is no redirect.
      follow: 0,
      redirect: 'manual',
      ...(query ? { params: query } : {}),
      ...(body === undefined ? {} : { data: body }),
      ...(base === undefined ? {} : { noProxy: [new URL(base)] }),
    });
    return { status: answer.status, headers: answer.headers, data: answer.data };
  };
  return { client, send };
};
