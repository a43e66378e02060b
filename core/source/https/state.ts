import type { IncomingHttpHeaders } from 'node:http';

const STRONG = /^"[\u0021\u0023-\u007e\u0080-\u00ff]*"$/;
// Most servers derive an ETag from length and time in whole seconds, so one change within the same
// second may keep the tag.
const SETTLED_MS = 2000;

export function isStrong(tag: string | undefined): tag is string {
  return tag !== undefined && STRONG.test(tag);
}

/**
 * The ETag, if it stands for exactly these bytes: a weak one does not, nor one so young that the
 * next change could get the same. RFC 9110, sections 8.8.1 and 8.8.2.2.
 */
export function exactTag({
  etag,
  date,
  'last-modified': modified,
}: IncomingHttpHeaders): string | undefined {
  if (!isStrong(etag)) return undefined;
  const changed = modified === undefined ? Number.NaN : Date.parse(modified);
  const answeredAt = date === undefined ? Number.NaN : Date.parse(date);
  return answeredAt - changed < SETTLED_MS ? undefined : etag;
}

/** `bytes 100-199/200` as numbers; https://www.rfc-editor.org/rfc/rfc9110#section-14.4. */
export function parseRange(
  text: string | undefined,
): { from: number; to: number; total: number } | undefined {
  const [, from, to, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(text ?? '') ?? [];
  return from === undefined
    ? undefined
    : { from: Number(from), to: Number(to), total: Number(total) };
}

/** Retry-After as ms from `now`. */
export function retryAfter(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
