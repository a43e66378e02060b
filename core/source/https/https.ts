import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LifeboatError } from '../../lib/errors.ts';
import { refuseHeaderFault } from '../file-header.ts';
import { PATIENCE, persist, unlessSilent, type Patience } from '../patience.ts';
import { receiveFile } from '../receive.ts';
import type { Source } from '../source.ts';
import { requestCopy, type HttpsCopy } from './copy.ts';
import { sendRequest, type HttpsAuth } from './request.ts';
import { publicUrl } from './url.ts';
import { tagInVersion, taggedVersion } from './version.ts';

export type HttpsOptions = {
  /** https, or http on this machine; without a user, a password or a part after #. */
  readonly url: URL;
  readonly auth: HttpsAuth;
  readonly patience?: Partial<Patience>;
  readonly now: () => Date;
};

/** A server that sends a consistent copy of a database as a plain body. */
export function createHttpsSource({ url, auth, now, ...options }: HttpsOptions): Source {
  const patience = { ...PATIENCE, ...options.patience };
  return {
    url: publicUrl(url),
    measure: (signal) => {
      const attempt = () =>
        unlessSilent((stop) => contentLength(url, auth, stop), patience, signal);
      return persist(attempt, patience, signal);
    },
    pull: async ({ directory, known, limit, signal, onProgress }) => {
      const target = join(directory, 'pulled.sqlite3');
      const copy: HttpsCopy = {
        url,
        auth,
        now,
        known: known === undefined ? undefined : tagInVersion(url, known),
        tag: undefined,
        takenAt: now(),
        type: '',
      };
      const open = (offset: number, stop: AbortSignal) => requestCopy(copy, offset, stop);
      const size = await receiveFile({ target, patience, limit, signal, onProgress, open });
      if (size === 'unchanged') return size;
      try {
        await refuseHeaderFault(target, size, publicUrl(url));
      } catch (error) {
        await rm(target, { force: true });
        throw withLoginHint(error, copy.type);
      }
      const { takenAt, tag } = copy;
      const version = tag === undefined ? {} : { version: taggedVersion(url, tag) };
      return { path: target, size, takenAt, method: 'pulled', holds: () => true, ...version };
    },
  };
}

/** Many servers only answer GET: then the length is not known, and the pull reports problems. */
async function contentLength(
  url: URL,
  auth: HttpsAuth,
  signal: AbortSignal,
): Promise<number | undefined> {
  const response = await sendRequest({ url, method: 'HEAD', auth, headers: {}, signal });
  response.destroy();
  const length = response.statusCode === 200 ? response.headers['content-length'] : undefined;
  return length === undefined ? undefined : Number(length);
}

function withLoginHint(error: unknown, type: string): unknown {
  const isPage = /^(text\/|application\/json)/.test(type);
  if (!isPage || !(error instanceof LifeboatError) || error.code !== 'source_invalid') return error;
  return new LifeboatError(
    error.code,
    error.message,
    `The server sent ${type}, perhaps a login page: check the address and \`https.auth\`.`,
  );
}
