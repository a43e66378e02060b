import { Readable } from 'node:stream';
import type { StorageAnswer, StorageClients, StorageRequest } from '../../google/storage.ts';
import { createIdle } from './idle.ts';

const SLICE = 64 * 2 ** 10;

/** One request with a body that lies in memory. It may take long, but not stand still. */
export const sendBytes = async (
  clients: StorageClients,
  idleMs: number,
  request: Omit<StorageRequest, 'body' | 'signal'> & { readonly parts: readonly Uint8Array[] },
): Promise<StorageAnswer> => {
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
      headers: { ...headers, 'content-length': String(length) },
      signal: idle.signal,
      ...(body ? { body } : {}),
    });
  } catch (error) {
    throw idle.reason(error);
  } finally {
    idle.end();
    body?.destroy();
  }
};

/** One question whose answer is small; an answer that does not come is given up. */
export const ask = async (
  clients: StorageClients,
  idleMs: number,
  url: string,
  query: NonNullable<StorageRequest['query']>,
): Promise<unknown> => {
  const idle = createIdle(idleMs);
  try {
    return (await clients.send({ method: 'GET', url, query, signal: idle.signal })).data;
  } catch (error) {
    throw idle.reason(error);
  } finally {
    idle.end();
  }
};
