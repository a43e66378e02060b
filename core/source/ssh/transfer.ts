import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { PassThrough, type Duplex, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { LifeboatError } from '../../lib/errors.ts';
import { Passing } from '../passing.ts';
import { tooLarge } from '../receive.ts';
import type { Session } from './session.ts';

// A login shell may greet before the script speaks.
const MOST_NOISE = 64 * 1024;
const UNPACKERS: Readonly<Record<string, () => Duplex>> = {
  zstd: () => createZstdDecompress(),
  gzip: () => createGunzip(),
  cat: () => new PassThrough(),
};

export type Sent = { readonly size: number; readonly sha256: string };
export type Taking = {
  readonly session: Session;
  readonly mark: string;
  readonly target: string;
  readonly maxBytes: number | undefined;
  readonly onBytes: (done: number, total: number) => void;
};

type Start = { readonly packer: string; readonly size: number };

/**
 * Writes the copy that the host sends into `target` and proves it whole. `undefined` when the host
 * sent none. The failed leave no file.
 */
export async function takeCopy({
  session,
  mark,
  target,
  maxBytes,
  onBytes,
}: Taking): Promise<Sent | undefined> {
  const start = await readStart(session.out, mark);
  if (!start) return undefined;
  const { packer, size } = start;
  if (maxBytes !== undefined && size > maxBytes) throw tooLarge(maxBytes);
  const unpack = UNPACKERS[packer];
  if (!unpack) throw garbled(`the host packs with ${packer}, which is not known here`);
  const hash = createHash('sha256');
  let done = 0;
  const meter = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      done += chunk.length;
      if (done > size) throw garbled(`the host sent more than the ${size} bytes it had announced`);
      hash.update(chunk);
      onBytes(done, size);
      yield chunk;
    }
  };
  try {
    await pipeline(
      session.out,
      unpack(),
      meter,
      createWriteStream(target, { flags: 'wx', mode: 0o600 }),
    );
    const status = await session.ended;
    if (status !== 0 || !session.said.done)
      throw garbled(`the connection was cut after ${done} of ${size} bytes`);
    const sha256 = hash.digest('hex');
    if (done !== size) throw garbled(`the host sent ${done} of ${size} bytes`);
    // Without one, the checksum within gzip or zstd has been compared.
    if (session.said.sum !== undefined && session.said.sum !== sha256)
      throw garbled(`the copy arrived with SHA-256 ${sha256} and not ${session.said.sum}`);
    return { size, sha256 };
  } catch (error) {
    await rm(target, { force: true });
    throw error;
  }
}

/**
 * Reads up to the line `data PACKER SIZE` and leaves the rest in the stream; `undefined` when it
 * ends before.
 */
async function readStart(out: Readable, mark: string): Promise<Start | undefined> {
  const pattern = new RegExp(String.raw`(?:^|\n)${mark} data (\w+) (\d+)\n`);
  let held = Buffer.alloc(0);
  for (;;) {
    const chunk = out.read() as Buffer | null;
    if (chunk === null) {
      if (out.readableEnded || out.destroyed) return undefined;
      await stirs(out);
      continue;
    }
    held = Buffer.concat([held, chunk]);
    const [line, packer = '', size = ''] = pattern.exec(held.toString('latin1')) ?? [];
    if (line !== undefined) {
      out.unshift(held.subarray(held.indexOf(line, 0, 'latin1') + line.length));
      return { packer, size: Number(size) };
    }
    if (held.length > MOST_NOISE)
      throw garbled(
        'the host prints other things than the database: its login shell must be quiet',
      );
  }
}

function stirs(out: Readable): Promise<void> {
  return new Promise((resolve) => {
    const events = ['readable', 'end', 'close', 'error'];
    const on = () => {
      for (const event of events) out.off(event, on);
      resolve();
    };
    for (const event of events) out.on(event, on);
  });
}

function garbled(message: string): Passing {
  return new Passing(
    new LifeboatError(
      'source_unreachable',
      message,
      'Check the network between here and the host, then run it again.',
    ),
  );
}
