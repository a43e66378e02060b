import { Readable } from 'node:stream';
import type { StorageAnswer, StorageClients, StorageRequest } from './client.ts';
import { createIdle } from './idle.ts';

// Each slice is a turn of its own, and a transfer stands still when none leaves in time: large
// enough for the one, small enough for a slow line.
const SLICE = 256 * 2 ** 10;

/** One request with a body that lies in memory. It may take long, but not stand still. */
export async function sendBytes(
  clients: StorageClients,
  idleMs: number,
  request: Omit<StorageRequest, 'body' | 'signal'> & { readonly parts: readonly Uint8Array[] },
): Promise<StorageAnswer> {
  const idle = createIdle(idleMs);
  const { parts, headers, ...rest } = request;
  const length = parts.reduce((sum, { length: bytes }) => sum + bytes, 0);
  const slices = function* () {
    for (const part of parts)
      for (let at = 0; at < part.length; at += SLICE) {
        idle.alive();
        yield part.subarray(at, at + SLICE);
      }
  };
  const body = length === 0 ? undefined : Readable.from(slices(), { objectMode: false });
  // A request that is refused early leaves its body unread; that is no error of its own.
  body?.on('error', () => undefined);
  try {
    return await clients.send({
      ...rest,
      headers:
        length === 0 && rest.method === 'GET'
          ? { ...headers }
          : { ...headers, 'content-length': String(length) },
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
 * One call of the JSON API (https://cloud.google.com/storage/docs/json_api/v1) below
 * `/storage/v1/b`.
 */
export async function callApi(
  clients: StorageClients,
  idleMs: number,
  request: Pick<StorageRequest, 'method' | 'query'> & {
    readonly path: string;
    readonly json?: unknown;
  },
): Promise<unknown> {
  const { path, json, ...rest } = request;
  const sent = json === undefined ? {} : { headers: { 'content-type': 'application/json' } };
  const parts = json === undefined ? [] : [Buffer.from(JSON.stringify(json))];
  const { data } = await sendBytes(clients, idleMs, {
    ...rest,
    ...sent,
    url: `/storage/v1/b${path}`,
    parts,
  });
  // An answer that was cut or changed on its way is no JSON.
  if (typeof data !== 'object' || data === null)
    throw Object.assign(new Error('the answer is no JSON'), { code: 'ECONNRESET' });
  return data;
}
