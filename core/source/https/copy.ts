import type { IncomingMessage } from 'node:http';
import { LifeboatError } from '../../lib/errors.ts';
import type { Incoming } from '../receive.ts';
import { sendRequest, statusFailure, type HttpsAuth } from './request.ts';
import { exactTag, isStrong, parseRange } from './state.ts';
import { publicUrl } from './url.ts';

/** A copy of the database that is on its way, perhaps over several requests. */
export type HttpsCopy = {
  readonly url: URL;
  readonly auth: HttpsAuth;
  readonly now: () => Date;
  /** The ETag of the state that is already backed up. */
  readonly known: string | undefined;
  /** The ETag of the copy; without one, a cut copy starts over. */
  tag: string | undefined;
  takenAt: Date;
  /** The media type. */
  type: string;
};

const SEND_PLAINLY =
  'Configure the server to send this file uncompressed, with its Content-Length.';

/** Requests the copy from `offset` on, or the whole when it cannot be resumed. */
export async function requestCopy(
  copy: HttpsCopy,
  offset: number,
  signal: AbortSignal,
): Promise<Incoming | 'unchanged'> {
  const { url, auth, known, tag } = copy;
  const resumedTag = offset > 0 ? tag : undefined;
  const headers: Record<string, string> = resumedTag
    ? { range: `bytes=${offset}-`, 'if-range': resumedTag }
    : isStrong(known)
      ? { 'if-none-match': known }
      : {};
  const response = await sendRequest({ url, method: 'GET', auth, headers, signal });
  try {
    if (resumedTag !== undefined && response.statusCode !== 200)
      return resumed(copy, response, offset);
    if (isStrong(known) && resumedTag === undefined && isSame(response, known)) {
      response.destroy();
      return 'unchanged';
    }
    if (response.statusCode !== 200) throw statusFailure(response, url, auth);
    return begun(copy, response);
  } catch (error) {
    response.destroy();
    throw error;
  }
}

function isSame(response: IncomingMessage, known: string): boolean {
  const { statusCode, headers } = response;
  return statusCode === 304 || (statusCode === 200 && exactTag(headers) === known);
}

/** The whole copy, from its beginning. */
function begun(copy: HttpsCopy, response: IncomingMessage): Incoming {
  const total = lengthOf(response, copy.url);
  copy.tag = exactTag(response.headers);
  copy.takenAt = copy.now();
  copy.type = response.headers['content-type'] ?? '';
  return { from: 0, total, body: response };
}

/** The rest of the copy. Throws a transient failure when it must start over. */
function resumed(copy: HttpsCopy, response: IncomingMessage, offset: number): Incoming {
  const where = publicUrl(copy.url);
  if (response.statusCode === 416)
    throw startingOver(copy, `${where} refuses to resume the download`, 'Run the backup again.');
  if (response.statusCode !== 206) throw statusFailure(response, copy.url, copy.auth);
  const range = parseRange(response.headers['content-range']);
  // Another copy, or another part: what was received is not its beginning.
  if (range?.from !== offset || range.to !== range.total - 1 || response.headers.etag !== copy.tag)
    throw startingOver(
      copy,
      `${where} resumes with a different copy of the database`,
      SEND_PLAINLY,
    );
  lengthOf(response, copy.url);
  return { from: offset, total: range.total, body: response };
}

/** Forgets the tag, so that the next attempt requests the whole. */
function startingOver(copy: HttpsCopy, message: string, hint: string): LifeboatError {
  copy.tag = undefined;
  return new LifeboatError('source_unreachable', message, hint, { transient: true });
}

/**
 * Bytes of the whole as the answer says. Throws when its form does not show whether it arrived
 * whole.
 */
function lengthOf({ headers }: IncomingMessage, url: URL): number | undefined {
  const coding = headers['content-encoding'];
  if (coding !== undefined && coding !== 'identity')
    throw new LifeboatError(
      'config_invalid',
      `${publicUrl(url)} compresses the database (${coding}), though the request forbids it`,
      SEND_PLAINLY,
    );
  if (headers['content-length'] !== undefined) return Number(headers['content-length']);
  if (!/\bchunked\b/i.test(headers['transfer-encoding'] ?? ''))
    throw new LifeboatError(
      'config_invalid',
      `${publicUrl(url)} does not say how long the database is`,
      SEND_PLAINLY,
    );
  return undefined;
}
