import { createHash } from 'node:crypto';
import type { Request, Response } from '@google-cloud/functions-framework';
import { SAFE_HEADERS } from '../../core/status/page/parts/headers.ts';

export const JSON_TYPE = 'application/json; charset=utf-8';

const HEADERS = {
  ...SAFE_HEADERS,
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  vary: 'accept',
};

export type Answer = {
  /** Made only for who does not have it already. */
  readonly body: () => string;
  readonly type: string;
  /** Besides those that every answer has, and instead of them. */
  readonly headers?: Readonly<Record<string, string>>;
};

export function setHeaders(response: Response): void {
  response.removeHeader('x-powered-by');
  response.set(HEADERS);
}

/**
 * Names an answer by what is in it, apart from the moment it was found out, so that whoever asks every minute is told when something changed.
 * `form` is everything else that decides how it looks.
 */
export function etagOf(content: string, form: readonly string[]): string {
  return `"${createHash('sha256').update(JSON.stringify(form)).update(content).digest('base64url')}"`;
}

/** Sends it, or 304. Express would not do that for who says `no-cache`, as `fetch` does by itself. It leaves the body out for HEAD. */
export function respond(
  request: Request,
  response: Response,
  { body, type, headers = {} }: Answer,
  status = 200,
): void {
  if (isKnown(request.get('if-none-match'), headers['etag']))
    return void response
      .set({ ...headers })
      .status(304)
      .end();
  // As bytes, or Express would write the type anew. Made first, so that an answer that cannot be made leaves no header behind.
  const bytes = Buffer.from(body());
  response
    .set({ ...headers })
    .status(status)
    .set('content-type', type)
    .send(bytes);
}

/** RFC 9110, 13.1.2: a list of tags, compared weakly, or `*`. */
function isKnown(asked: string | undefined, etag: string | undefined): boolean {
  return (
    etag !== undefined &&
    asked !== undefined &&
    asked.split(',').some((tag) => ['*', etag, `W/${etag}`].includes(tag.trim()))
  );
}
