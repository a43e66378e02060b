import { Readable } from 'node:stream';
import { LifeboatError } from '../lib/errors.ts';
import { gcsFailure } from './storage/errors.ts';
import { faultOf } from './storage/fault.ts';
import { FIELDS, toResource } from './storage/object.ts';
import type { StorageClients } from './storage/client.ts';

export type ObjectState = {
  readonly generation: string;
  readonly size: number;
  /** 8 lower-case hex digits. */ readonly crc32c: string;
};

/**
 * What is read of one bucket. Failures are LifeboatErrors: `source_unreachable` or
 * `store_unreachable` where another attempt may help, `store_denied` or `config_invalid` where none
 * does. It retries nothing by itself.
 */
export interface ObjectReader {
  /** `undefined` when absent. */
  stat(object: string, signal?: AbortSignal): Promise<ObjectState | undefined>;
  /**
   * The bytes of exactly this generation from an offset on; throws `not_found` when it is gone. The
   * signal ends it.
   */
  read(
    object: string,
    generation: string,
    from: number,
    signal?: AbortSignal,
  ): AsyncIterable<Uint8Array>;
}

const NEVER = new AbortController().signal;

/** Reads objects of a bucket, one call at a time and without retries; the source retries. */
export function createObjectReader(
  bucket: string,
  clients: () => Promise<StorageClients>,
): ObjectReader {
  const url = (object: string): string => `/storage/v1/b/${bucket}/o/${encodeURIComponent(object)}`;
  const gone = (object: string) =>
    new LifeboatError(
      'not_found',
      `no object gs://${bucket}/${object}`,
      'Check the address of the source.',
    );
  return {
    stat: async (object, signal = NEVER) => {
      try {
        const { send } = await clients();
        const { data } = await send({
          method: 'GET',
          url: url(object),
          query: { fields: FIELDS },
          signal,
        });
        const { generation, size, crc32c } = toResource(data);
        if (crc32c !== undefined && Number.isSafeInteger(size)) return { generation, size, crc32c };
      } catch (error) {
        const { status, message } = faultOf(error);
        if (status === 404 && !/bucket does not exist/i.test(message)) return undefined;
        signal.throwIfAborted();
        throw status === 404
          ? new LifeboatError(
              'config_invalid',
              `there is no bucket gs://${bucket}`,
              'Check the address of the source.',
              { cause: error },
            )
          : gcsFailure(error, object, bucket);
      }
      throw new LifeboatError(
        'store_unreachable',
        `gs://${bucket}/${object} was told without a checksum`,
        'Run it again.',
      );
    },
    async *read(object, generation, from, signal = NEVER) {
      let stream: Readable | undefined;
      try {
        const { send } = await clients();
        const headers = {
          'accept-encoding': 'identity',
          'cache-control': 'no-store',
          ...(from > 0 ? { range: `bytes=${from}-` } : {}),
        };
        const answer = await send({
          method: 'GET',
          url: url(object),
          query: { alt: 'media', generation },
          headers,
          signal,
          stream: true,
        });
        if (answer.status === 416) return;
        if (!(answer.data instanceof Readable))
          throw new LifeboatError(
            'store_unreachable',
            `gs://${bucket}/${object} gave no body`,
            'Run it again.',
          );
        stream = answer.data;
        // After the end nobody listens any more, and an error without a listener ends the process.
        stream.on('error', () => undefined);
        // A server that does not know ranges sends all of it.
        let skip = from > 0 && answer.status === 200 ? from : 0;
        for await (const chunk of stream as AsyncIterable<Uint8Array>) {
          const piece = chunk.subarray(Math.min(skip, chunk.length));
          skip -= chunk.length - piece.length;
          if (piece.length > 0) yield piece;
        }
      } catch (error) {
        signal.throwIfAborted();
        throw faultOf(error).status === 404 ? gone(object) : gcsFailure(error, object, bucket);
      } finally {
        stream?.destroy();
      }
    },
  };
}
