import type { Readable } from 'node:stream';

export type StorageOptions = {
  /** Another server than Google's, such as an emulator, which needs no credentials. */
  readonly endpoint?: string;
  readonly projectId?: string;
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
export type StorageAnswer = {
  readonly status: number;
  readonly headers: Headers;
  readonly data: unknown;
};

/**
 * Google's client, reduced to what can be bounded in time: one request to its endpoint, with its
 * credentials. We avoid the client's own methods. Version 8.4.0, against a fake server: a retried
 * download ends the process with an unhandled rejection (googleapis/google-cloud-node #8670);
 * uploads have no time limit and lose the status of a failure; and `timeout` has no effect, because
 * teeny-request 11 passes it to node-fetch 3, which has no such option, so a server that stops
 * answering blocks the client forever. `calls.ts` retries, in bounded time.
 */
export type StorageClients = {
  /** Rejects with the library's error unless the answer is 2xx, 308 or 416. */
  send(request: StorageRequest): Promise<StorageAnswer>;
  /** The project whose buckets `GET /storage/v1/b` lists; can take seconds to find out, and fail. */
  projectId(): Promise<string>;
};

/**
 * The one place that creates Google's storage client. Loading it takes 200 ms of CPU, so call this
 * only when something is read or written.
 */
export async function openStorage({
  endpoint,
  projectId,
}: StorageOptions = {}): Promise<StorageClients> {
  const [{ Storage, IdempotencyStrategy }, { PassThroughClient }] = await Promise.all([
    import('@google-cloud/storage'),
    import('google-auth-library'),
  ]);
  const base = endpoint?.replace(/\/+$/, '');
  const client = new Storage({
    retryOptions: {
      autoRetry: false,
      maxRetries: 0,
      idempotencyStrategy: IdempotencyStrategy.RetryNever,
    },
    ...(base === undefined
      ? {}
      : { apiEndpoint: base, authClient: new PassThroughClient(), projectId: 'endpoint' }),
    ...(projectId === undefined ? {} : { projectId }),
  });
  const send = async ({
    method,
    url,
    query,
    headers,
    body,
    signal,
    stream,
  }: StorageRequest): Promise<StorageAnswer> => {
    const answer = await client.authClient.request<unknown>({
      method,
      url: url.startsWith('/') ? `${client.apiEndpoint}${url}` : url,
      headers: { ...headers },
      signal,
      responseType: stream ? 'stream' : 'json',
      validateStatus: accepted,
      // The 308 of a resumable upload is not a redirect.
      follow: 0,
      redirect: 'manual',
      ...(query ? { params: query } : {}),
      ...(body === undefined ? {} : { data: body }),
      ...(base === undefined ? {} : { noProxy: [new URL(base)] }),
    });
    return { status: answer.status, headers: answer.headers, data: answer.data };
  };
  return { send, projectId: () => client.getProjectId() };
}

function accepted(status: number): boolean {
  return (status >= 200 && status < 300) || status === 308 || status === 416;
}
