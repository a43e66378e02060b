import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { createCRC32 } from 'hash-wasm';

/** The bytes of one object: in memory, or in a file when the fake was given a folder. */
export type StoredBody = { readonly size: number; read(start: number): AsyncIterable<Uint8Array>; drop(): Promise<void> };
export type Sums = { readonly size: number; readonly crc32c: string; readonly md5Hash: string };

export type Sink = {
  append(pieces: readonly Uint8Array[]): Promise<void>;
  finish(): Promise<{ body: StoredBody; sums: Sums }>;
  drop(): Promise<void>;
};

let counter = 0;

export const createSink = async (folder: string | undefined): Promise<Sink> => {
  const [crc, md5] = [await createCRC32(0x82f63b78), createHash('md5')];
  const parts: Buffer[] = [];
  let size = 0;
  let file: FileHandle | undefined;
  const path = folder === undefined ? undefined : join(folder, `body-${(counter += 1)}`);
  const drop = async (): Promise<void> => {
    await file?.close().catch(() => undefined);
    if (path !== undefined) await rm(path, { force: true });
  };
  return {
    append: async (pieces) => {
      for (const bytes of pieces) {
        crc.update(bytes);
        md5.update(bytes);
        size += bytes.length;
        if (path === undefined) parts.push(Buffer.from(bytes));
      }
      if (path !== undefined && pieces.length > 0) await (file ??= await open(path, 'w')).writev(pieces);
    },
    finish: async () => {
      if (path !== undefined) await (file ??= await open(path, 'w')).close();
      const whole = Buffer.concat(parts);
      const body: StoredBody = {
        size,
        read: async function* (start) {
          if (path === undefined) for (let at = start; at < size; at += 65_536) yield whole.subarray(at, at + 65_536);
          else yield* createReadStream(path, { start, highWaterMark: 65_536 }) as AsyncIterable<Uint8Array>;
        },
        drop,
      };
      return { body, sums: { size, crc32c: Buffer.from(crc.digest('hex'), 'hex').toString('base64'), md5Hash: md5.digest('base64') } };
    },
    drop,
  };
};
