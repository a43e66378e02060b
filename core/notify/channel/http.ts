import { causeCode } from '../../lib/errors.ts';
import { serviceFailure } from '../channel.ts';

export type HttpAnswer = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
};
const MOST_RESPONSE_BYTES = 16_384;

export const SERVICE_BUSY =
  'The service is busy or out of order. If that lasts, check its status page.';

/**
 * Posts and reads the beginning of the answer. A redirect is not followed: it would carry the
 * message, and perhaps a secret, elsewhere. Throws a transient failure when there is no answer; its
 * message names no address, since the address may be the secret.
 */
export async function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      signal,
      body,
      headers: { 'content-type': 'application/json', 'user-agent': 'lifeboat', ...headers },
    });
    return {
      status: response.status,
      headers: response.headers,
      text: await readBeginning(response),
    };
  } catch (error) {
    throw serviceFailure(
      `no answer (${causeCode(error) ?? 'no connection'})`,
      'Check that the service is up, and that this network and its DNS reach it.',
      { transient: true },
    );
  }
}

/** The pause that `Retry-After` requests, ms; the header has seconds or a date. */
export function retryAfterMs(value: string | null | undefined, now: Date): number | undefined {
  if (value === null || value === undefined || value.trim() === '') return undefined;
  const seconds = Number(value);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - now.getTime();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

export function isOk(status: number): boolean {
  return status >= 200 && status < 300;
}

/**
 * Too many requests, a timeout or a server error: another attempt may work. Anything else would be
 * refused again.
 */
export function isTransientStatus(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

async function readBeginning(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    parts.push(part);
    length += part.length;
    if (length >= MOST_RESPONSE_BYTES) break;
  }
  return Buffer.concat(parts).subarray(0, MOST_RESPONSE_BYTES).toString('utf8');
}
