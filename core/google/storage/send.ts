import { Readable } from 'node:stream';
import { createIdle, type Idle } from '../../lib/idle.ts';
import type { StorageAnswer, StorageClients, StorageRequest } from './client.ts';

/** Google's client, with the limits within which it is used. */
export type Transport = {
  readonly clients: StorageClients;
  /** How long a transfer may stand still, ms. */
  readonly idleMs: number;
  readonly signal: AbortSignal | undefined;
};

type BytesRequest = Omit<StorageRequest, 'body' | 'signal'> & {
  /** The body, in order. */
  readonly parts: readonly Uint8Array[];
};
export type ApiRequest = Pick<StorageRequest, 'method' | 'query'> & {
  readonly path: string;
  readonly json?: unknown;
};

// The transfer counts as alive whenever a slice leaves: large enough to cost no time, small enough
// for a slow line.
const SLICE = 256 * 2 ** 10;

/** Sends a request whose body is in memory. It may take long, but not stand still. */
export async function sendBytes(
  transport: Transport,
  { parts, headers, ...request }: BytesRequest,
): Promise<StorageAnswer> {
  const idle = watchTransfer(transport);
  const length = parts.reduce((sum, { length: bytes }) => sum + bytes, 0);
  const body = length === 0 ? undefined : Readable.from(slices(parts, idle), { objectMode: false });
  // A request that is refused early leaves its body unread; that is no error of its own.
  body?.on('error', () => undefined);
  const hasLength = length > 0 || request.method !== 'GET';
  try {
    return await transport.clients.send({
      ...request,
      headers: { ...headers, ...(hasLength ? { 'content-length': String(length) } : {}) },
      signal: idle.signal,
      ...(body ? { body } : {}),
    });
  } catch (error) {
    throw idle.reason(error);
  } finally {
    idle.end();
    body?.destroy();
  }
}

/**
 * Makes one call of the JSON API (https://cloud.google.com/storage/docs/json_api/v1) below
 * `/storage/v1/b`.
 */
export async function callApi(
  transport: Transport,
  { path, json, ...request }: ApiRequest,
): Promise<unknown> {
  const content =
    json === undefined
      ? { parts: [] }
      : {
          parts: [Buffer.from(JSON.stringify(json))],
          headers: { 'content-type': 'application/json' },
        };
  const url = `/storage/v1/b${path}`;
  const { data } = await sendBytes(transport, { ...request, ...content, url });
  // An answer that was cut or changed on its way is not JSON.
  if (typeof data !== 'object' || data === null)
    throw Object.assign(new Error('the answer is not JSON'), { code: 'ECONNRESET' });
  return data;
}

export function watchTransfer({ idleMs: ms, signal }: Transport): Idle {
  const error = () => Object.assign(new Error(`no answer for ${ms} ms`), { code: 'IDLE' });
  return createIdle({ ms, error, signal });
}

function* slices(parts: readonly Uint8Array[], idle: Idle): Generator<Uint8Array> {
  for (const part of parts)
    for (let at = 0; at < part.length; at += SLICE) {
      idle.alive();
      yield part.subarray(at, at + SLICE);
    }
}
