import { createHash } from 'node:crypto';
import type { Response } from '@google-cloud/functions-framework';

/** On every answer: nothing of it is kept, guessed at, framed or read by another site. */
const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  vary: 'accept',
};

export type Answer = {
  readonly body: string;
  readonly type: string;
  /** Besides those that every answer has, and instead of them. */
  readonly headers?: Readonly<Record<string, string>>;
};

export const setHeaders = (response: Response): void => {
  response.removeHeader('x-powered-by');
  response.set(HEADERS);
};

/**
 * Names an answer by what is in it, apart from the moment it was found out, so that whoever asks every minute is told when something changed.
 * `form` is everything else that decides how it looks.
 */
export const etagOf = ({ at: _, ...rest }: { readonly at: string }, form: readonly string[]): string =>
  `"${createHash('sha256')
    .update(JSON.stringify([form, rest]))
    .digest('base64url')}"`;

/** Sends it; Express leaves the body out for HEAD, and answers 304 where If-None-Match names the ETag. */
export const respond = (response: Response, { body, type, headers = {} }: Answer): void =>
  // As bytes, or Express would write the type anew.
  void response
    .status(200)
    .set({ ...headers, 'content-type': type })
    .send(Buffer.from(body));
