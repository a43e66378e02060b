import { createHash } from 'node:crypto';
import type { Request, Response } from '@google-cloud/functions-framework';
import { SAFE_HEADERS } from '../../core/status/page/parts/headers.ts';

export const JSON_TYPE = 'application/json; charset=utf-8';

const HEADERS = {
  ...SAFE_HEADERS,
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  vary: 'accept',
};

export type Content = {
  /** Computed only when the caller does not have it already. */
  readonly body: () => string;
  readonly type: string;
  /** In addition to the headers of every response, which they override. */
  readonly headers?: Readonly<Record<string, string>>;
};

export function setHeaders(response: Response): void {
  response.removeHeader('x-powered-by');
  response.set(HEADERS);
}

/**
 * The entity tag of a document without its moment, so that a caller that polls sees changes only.
 * `form` lists everything else that the response depends on.
 */
export function etagOf(content: string, form: readonly string[]): string {
  return `"${createHash('sha256').update(JSON.stringify(form)).update(content).digest('base64url')}"`;
}

/**
 * Sends the content, or 304. Express itself never sends 304 to a request with `no-cache`, which
 * `fetch` adds. Express omits the body for HEAD.
 */
export function respond(
  request: Request,
  response: Response,
  { body, type, headers = {} }: Content,
  status = 200,
): void {
  if (matches(request.get('if-none-match'), headers['etag']))
    return void response
      .set({ ...headers })
      .status(304)
      .end();
  // As bytes, or Express would rewrite the type. Computed first, so that a failure leaves no header
  // set.
  const bytes = Buffer.from(body());
  response
    .set({ ...headers })
    .status(status)
    .set('content-type', type)
    .send(bytes);
}

/** RFC 9110, 13.1.2: a list of tags, compared weakly, or `*`. */
function matches(ifNoneMatch: string | undefined, etag: string | undefined): boolean {
  return (
    etag !== undefined &&
    ifNoneMatch !== undefined &&
    ifNoneMatch.split(',').some((tag) => ['*', etag, `W/${etag}`].includes(tag.trim()))
  );
}
