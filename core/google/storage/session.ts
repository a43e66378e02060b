import { retry } from '../../lib/async.ts';
import { LifeboatError } from '../../lib/errors.ts';
import { createPatience, type Calls } from './calls.ts';
import type { StorageAnswer } from './client.ts';
import { httpStatusOf } from './errors.ts';
import { crcToBase64, toResource, type Resource } from './object.ts';
import { sendBytes } from './send.ts';

/**
 * A resumable upload (https://cloud.google.com/storage/docs/resumable-uploads): bytes that Google
 * has confirmed are not sent again.
 */
export type UploadSession = {
  /**
   * Sends one piece and resolves when Google has all of it. `end` announces size and CRC32C of the
   * whole, and returns the object.
   */
  put(
    piece: Uint8Array,
    offset: number,
    end?: { readonly crc32c: string },
  ): Promise<Resource | undefined>;
  cancel(): Promise<void>;
};

/** `url` is as good as a password for this one upload: it stays in here. */
export function createSession(calls: Calls, name: string, url: string): UploadSession {
  return {
    put: (piece, offset, end) => putPiece({ calls, name, url, piece, offset, end }),
    // Answers 499 when it worked; without it the session expires after a week.
    cancel: async () => {
      const { clients, idleMs } = await calls.transport();
      await clients
        .send({
          method: 'DELETE',
          url,
          headers: { 'content-length': '0' },
          signal: AbortSignal.timeout(idleMs),
        })
        .catch(() => undefined);
    },
  };
}

type UploadPiece = {
  readonly calls: Calls;
  readonly name: string;
  readonly url: string;
  readonly piece: Uint8Array;
  readonly offset: number;
  readonly end: { readonly crc32c: string } | undefined;
};

function putPiece({
  calls,
  name,
  url,
  piece,
  offset,
  end,
}: UploadPiece): Promise<Resource | undefined> {
  const total = offset + piece.length;
  const patience = createPatience(calls.tuning);
  let confirmed = offset;
  // After a failure, Google must first say how much it has.
  let mustAsk = false;
  const send = async (): Promise<StorageAnswer> => {
    const rest = mustAsk ? new Uint8Array() : piece.subarray(confirmed - offset);
    const range = rest.length === 0 ? '*' : `${confirmed}-${total - 1}`;
    const headers = {
      'content-range': `bytes ${range}/${end ? total : '*'}`,
      ...(end && !mustAsk ? { 'x-goog-hash': `crc32c=${crcToBase64(end.crc32c)}` } : {}),
    };
    return sendBytes(await calls.transport(), {
      method: 'PUT',
      url,
      headers,
      parts: mustAsk ? [] : [rest],
    });
  };
  const sendRest = async (): Promise<Resource | undefined> => {
    for (;;) {
      const answer = await send();
      if (answer.status !== 308) return toResource(answer.data);
      const received = receivedBytes(answer);
      if (received < offset || received > total) throw lostUpload(name);
      if (received === total && !end) return undefined;
      if (received > confirmed) patience.progress();
      else if (!mustAsk)
        throw Object.assign(new Error('nothing of a piece was taken'), { status: 503 });
      confirmed = received;
      mustAsk = false;
    }
  };
  const attempt = async (): Promise<Resource | undefined> => {
    try {
      return await sendRest();
    } catch (error) {
      mustAsk = true;
      const failure = calls.failureOf(error, name);
      // 404 and 410: the session is gone, and with it what was sent.
      throw [404, 410].includes(Number(httpStatusOf(failure))) ? lostUpload(name) : failure;
    }
  };
  return retry(attempt, { pauseMs: patience.pauseMs, signal: calls.signal });
}

/** How many bytes Google has: `Range: bytes=0-N` of a 308; without the header, none. */
function receivedBytes({ headers }: StorageAnswer): number {
  const last = /^bytes=0-(\d+)$/.exec(headers.get('range') ?? '')?.[1];
  return last === undefined ? 0 : Number(last) + 1;
}

function lostUpload(name: string): LifeboatError {
  return new LifeboatError(
    'store_unreachable',
    `Google lost the beginning of the upload of ${name}`,
    'Run the command again. Nothing of the upload was kept.',
  );
}
