import type { IncomingMessage } from 'node:http';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LifeboatError } from '../../lib/errors.ts';
import { headerFault } from '../../sqlite/header.ts';
import { parseHttps, publicUrl } from './address.ts';
import { ask, statusFailure, type HttpsAuth } from './request.ts';
import { exactTag, isStrong, parseRange } from './state.ts';
import { Passing, PATIENCE, persist, within, type Patience } from '../passing.ts';
import { receive, type Incoming } from '../receive.ts';
import type { Source } from '../source.ts';

export type HttpsOptions = {
  readonly url: string;
  readonly auth: HttpsAuth;
  /** The most bytes that are taken. */
  readonly maxBytes?: number | undefined;
  readonly patience?: Partial<Patience>;
  readonly now?: () => Date;
};

const SEND_PLAINLY =
  'Let the server send the file as it is, with its Content-Length, for this address.';

/**
 * A server that sends a consistent copy of a database as a plain body. Throws `config_invalid` when
 * the address cannot be used.
 */
export function createHttpsSource({
  url: text,
  auth,
  maxBytes,
  patience: asked,
  now = () => new Date(),
}: HttpsOptions): Source {
  const url = parseHttps(text);
  const where = publicUrl(url);
  const patience = { ...PATIENCE, ...asked };

  /** What is known of the copy that is on its way. */
  type Way = {
    known: string | undefined;
    unchanged: boolean;
    tag: string | undefined;
    takenAt: Date;
    type: string;
  };

  const request = async (way: Way, offset: number, signal: AbortSignal): Promise<Incoming> => {
    const resume = offset > 0 && way.tag !== undefined;
    const headers = {
      ...(resume ? { range: `bytes=${offset}-`, 'if-range': way.tag ?? '' } : {}),
      ...(!resume && isStrong(way.known) ? { 'if-none-match': way.known } : {}),
    };
    const response = await ask({ url, method: 'GET', auth, headers, signal });
    const tag = exactTag(response.headers);
    try {
      if (
        !resume &&
        isStrong(way.known) &&
        (response.statusCode === 304 || (response.statusCode === 200 && tag === way.known))
      ) {
        way.unchanged = true;
        throw new LifeboatError('internal', 'the database is unchanged', 'Please report this.');
      }
      if (response.statusCode === 206 && resume) {
        const range = parseRange(response.headers['content-range']);
        // Another copy, or another part: what was received is not its beginning.
        if (
          range?.from !== offset ||
          range.to !== range.total - 1 ||
          response.headers.etag !== way.tag
        ) {
          way.tag = undefined;
          throw new Passing(
            new LifeboatError(
              'source_unreachable',
              `${where} goes on with another copy than it began`,
              SEND_PLAINLY,
            ),
          );
        }
        lengthOf(response, where);
        return { from: offset, total: range.total, body: response };
      }
      if (response.statusCode === 416 && resume) {
        way.tag = undefined;
        throw new Passing(
          new LifeboatError(
            'source_unreachable',
            `${where} refuses to go on where it was cut`,
            'Run it again.',
          ),
        );
      }
      if (response.statusCode !== 200) throw statusFailure(response, url, auth);
      const total = lengthOf(response, where);
      Object.assign(way, { tag, takenAt: now(), type: response.headers['content-type'] ?? '' });
      return { from: 0, total, body: response };
    } catch (error) {
      response.destroy();
      throw error;
    }
  };

  const refuseFault = async (path: string, size: number, type: string): Promise<void> => {
    await using file = await open(path, 'r');
    const { buffer, bytesRead } = await file.read(Buffer.alloc(100), 0, 100, 0);
    const fault = headerFault(buffer.subarray(0, bytesRead), size);
    if (!fault) return;
    const page = /^(text\/|application\/json)/.test(type) && fault.code === 'source_invalid';
    throw new LifeboatError(
      fault.code,
      fault.message,
      page
        ? `The server sent ${type}, perhaps a page that asks to log in: check the address and https.auth.`
        : fault.hint,
    );
  };

  return {
    url: where,
    measure: (signal) =>
      persist(
        async () => {
          const stop = new AbortController();
          const end = () => stop.abort();
          const response = await within(
            ask({ url, method: 'HEAD', auth, headers: {}, signal: stop.signal }),
            patience.idleMs,
            end,
            signal,
          );
          response.destroy();
          // Many servers only answer GET; the pull reports other problems.
          const length =
            response.statusCode === 200 ? response.headers['content-length'] : undefined;
          return length === undefined ? undefined : Number(length);
        },
        patience,
        signal,
      ),
    pull: async ({ directory, known, signal, onProgress }) => {
      const target = join(directory, 'pulled.sqlite3');
      const way: Way = { known, unchanged: false, tag: undefined, takenAt: now(), type: '' };
      try {
        const size = await receive({
          target,
          patience,
          maxBytes,
          signal,
          onProgress,
          open: (offset, stop) => request(way, offset, stop),
        });
        await refuseFault(target, size, way.type);
        const version = way.tag === undefined ? {} : { version: way.tag };
        return {
          path: target,
          size,
          takenAt: way.takenAt,
          method: 'pulled',
          holds: () => true,
          ...version,
        };
      } catch (error) {
        await rm(target, { force: true });
        if (way.unchanged) return 'unchanged';
        throw error;
      }
    },
  };
}

/**
 * Bytes of the whole as the answer says; throws when its form does not let us know whether it came
 * whole.
 */
function lengthOf({ headers }: IncomingMessage, where: string): number | undefined {
  const coding = headers['content-encoding'];
  if (coding !== undefined && coding !== 'identity')
    throw new LifeboatError(
      'config_invalid',
      `${where} sends the database as ${coding} though it was asked not to`,
      SEND_PLAINLY,
    );
  if (headers['content-length'] !== undefined) return Number(headers['content-length']);
  if (!/\bchunked\b/i.test(headers['transfer-encoding'] ?? ''))
    throw new LifeboatError(
      'config_invalid',
      `${where} does not say how long the database is`,
      SEND_PLAINLY,
    );
  return undefined;
}
