import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { createCRC32 } from 'hash-wasm';
import { ApiFault } from './types.ts';

/** Where bodies are kept. Without a place they cannot be read, and CRC32C is their only checksum, as for Google's composed objects. */
export type Place = 'memory' | 'nowhere' | { readonly folder: string };
/** The bytes of one object. */
export type StoredBody = {
  readonly size: number;
  read(start: number): AsyncIterable<Uint8Array>;
  drop(): Promise<void>;
};
export type Sums = { readonly size: number; readonly crc32c: string; readonly md5Hash?: string };

export type Sink = {
  append(pieces: readonly Uint8Array[]): Promise<void>;
  finish(): Promise<{ body: StoredBody; sums: Sums }>;
  drop(): Promise<void>;
};

const READ = 65_536;
let counter = 0;

export async function createSink(place: Place): Promise<Sink> {
  const [crc, md5] = [
    await createCRC32(0x82f63b78),
    place === 'nowhere' ? undefined : createHash('md5'),
  ];
  const parts: Buffer[] = [];
  let size = 0;
  let file: FileHandle | undefined;
  const path = typeof place === 'string' ? undefined : join(place.folder, `body-${(counter += 1)}`);
  const drop = async (): Promise<void> => {
    await file?.close().catch(() => undefined);
    if (path !== undefined) await rm(path, { force: true });
  };
  return {
    append: async (pieces) => {
      for (const bytes of pieces) {
        crc.update(bytes);
        md5?.update(bytes);
        size += bytes.length;
        if (place === 'memory') parts.push(Buffer.from(bytes));
      }
      if (path !== undefined && pieces.length > 0)
        await (file ??= await open(path, 'w')).writev(pieces);
    },
    finish: async () => {
      if (path !== undefined) await (file ??= await open(path, 'w')).close();
      const whole = Buffer.concat(parts);
      const inMemory = async function* (start: number) {
        for (let at = start; at < size; at += READ) yield whole.subarray(at, at + READ);
      };
      const body: StoredBody = {
        size,
        read: (start) => {
          if (place === 'nowhere')
            throw new ApiFault(410, 'gone', 'The fake was told to keep no large body.');
          return path === undefined
            ? inMemory(start)
            : (createReadStream(path, { start, highWaterMark: READ }) as AsyncIterable<Uint8Array>);
        },
        drop,
      };
      const crc32c = Buffer.from(crc.digest('hex'), 'hex').toString('base64');
      return { body, sums: { size, crc32c, ...(md5 ? { md5Hash: md5.digest('base64') } : {}) } };
    },
    drop,
  };
}
