import { LifeboatError } from '../../lib/errors.ts';
import type { StorageAnswer } from './client.ts';
import { createPatience, type Calls } from './calls.ts';
import { faultOf } from './fault.ts';
import { crcToBase64, toResource, type Resource } from './object.ts';
import { sendBytes } from './send.ts';

/**
 * A resumable upload (https://cloud.google.com/storage/docs/resumable-uploads): what Google has
 * confirmed is not sent again.
 */
export type Session = {
  /**
   * Sends one piece; resolves when Google has all of it. `end` announces size and CRC32C of the
   * whole, and gives the object.
   */
  put(
    piece: Uint8Array,
    offset: number,
    end?: { readonly crc32c: string },
  ): Promise<Resource | undefined>;
  cancel(): Promise<void>;
};

/**
 * `open` starts a session and gives its address, which is as good as a password for this one
 * upload: it stays in here.
 */
export function createSession(calls: Calls, what: string, url: string): Session {
  const { tuning } = calls;
  const call = async (
    parts: readonly Uint8Array[],
    headers: Readonly<Record<string, string>>,
  ): Promise<StorageAnswer> =>
    sendBytes(await calls.clients(), tuning.idleMs, { method: 'PUT', url, headers, parts });

  const put: Session['put'] = async (piece, offset, end) => {
    const total = offset + piece.length;
    const patience = createPatience(tuning);
    let done = offset;
    let asking = false;
    for (;;) {
      try {
        const rest = piece.subarray(done - offset);
        const range = asking || rest.length === 0 ? '*' : `${done}-${total - 1}`;
        const answer = await call(asking ? [] : [rest], {
          'content-range': `bytes ${range}/${end ? total : '*'}`,
          ...(end && !asking ? { 'x-goog-hash': `crc32c=${crcToBase64(end.crc32c)}` } : {}),
        });
        if (answer.status !== 308) return toResource(answer.data);
        const has = confirmed(answer);
        if (has < offset || has > total) throw lost(what);
        if (has === total && !end) return undefined;
        if (has > done) patience.progress();
        else if (!asking)
          throw Object.assign(new Error('nothing of a piece was taken'), { status: 503 });
        done = has;
        asking = false;
      } catch (error) {
        // 404 and 410: the session is gone, and with it what was sent.
        if ([404, 410].includes(faultOf(error).status ?? 0)) throw lost(what);
        await patience.failed(error);
        asking = true;
      }
    }
  };

  return {
    put,
    // Answers 499 when it worked, and without it the session goes by itself after a week.
    cancel: async () => {
      const { send } = await calls.clients();
      await send({
        method: 'DELETE',
        url,
        headers: { 'content-length': '0' },
        signal: AbortSignal.timeout(tuning.idleMs),
      }).catch(() => undefined);
    },
  };
}

/** How many bytes Google has: `Range: bytes=0-N` of a 308; no such header, none. */
function confirmed({ headers }: StorageAnswer): number {
  const last = /^bytes=0-(\d+)$/.exec(headers.get('range') ?? '')?.[1];
  return last === undefined ? 0 : Number(last) + 1;
}

function lost(what: string): LifeboatError {
  return new LifeboatError(
    'store_unreachable',
    `Google lost the beginning of the upload of ${what}`,
    'Run it again; nothing of it is kept.',
  );
}
