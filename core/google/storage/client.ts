import type { Readable } from 'node:stream';

export type StorageOptions = {
  /** Another server than Google's, such as an emulator: nothing is authenticated there. */
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
 * Google's client, reduced to what can be bounded: one request with its credentials, for its
 * endpoint. The client's own methods are left aside because (8.4.0, seen against a fake server) a
 * repeated download ends the process with an unhandled rejection (googleapis/google-cloud-node
 * #8670), its uploads have no time limit and lose the status of what failed, and its `timeout`
 * option has no effect (teeny-request 11 hands it to node-fetch 3, which has none), so that a
 * server that stands still stops it for ever. Nothing is repeated here: the store does that, in a
 * bounded time.
 */
export type StorageClients = {
  /** Rejects with the library's error unless the answer is 2xx, 308 or 416. */
  send(request: StorageRequest): Promise<StorageAnswer>;
  /** Whose buckets `GET /storage/v1/b` lists; can take seconds to find out, and fail. */
  projectId(): Promise<string>;
};

/**
 * The one place that makes Google's storage client. Takes 200 ms of CPU to load: call it when
 * something is to be read or written.
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
      // A 308 of a resumable upload is no redirect.
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
