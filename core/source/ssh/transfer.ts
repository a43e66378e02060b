import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { PassThrough, type Duplex, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { LifeboatError } from '../../lib/errors.ts';
import { refuseOver, type SizeLimit } from '../../lib/bytes/size-limit.ts';
import type { ScriptSession } from './session.ts';

// A login shell may greet before the script speaks.
const MOST_NOISE_BYTES = 64 * 1024;
const UNPACKERS: ReadonlyMap<string, () => Duplex> = new Map([
  ['zstd', () => createZstdDecompress()],
  ['gzip', () => createGunzip()],
  ['cat', () => new PassThrough()],
]);

export type ReceivedCopy = { readonly size: number; readonly sha256: string };
export type Transfer = {
  readonly session: ScriptSession;
  readonly mark: string;
  readonly target: string;
  /** The most bytes that the copy may have. */
  readonly limit: SizeLimit | undefined;
  /** Called with 0 when the host begins to send, and with the bytes that have arrived. */
  readonly onReceived: (received: number, total: number) => void;
};

type Start = { readonly packer: string; readonly size: number };

/**
 * Writes the copy that the host sends into `target`, and proves it whole. `undefined` when the host
 * sent none. A failed transfer leaves no file. No more than the announced bytes are ever written.
 */
export async function receiveCopy({
  session,
  mark,
  target,
  limit,
  onReceived,
}: Transfer): Promise<ReceivedCopy | undefined> {
  const start = await readTransferStart(session.out, mark);
  if (!start) return undefined;
  const { packer, size } = start;
  refuseOver(limit, size);
  onReceived(0, size);
  const unpack = UNPACKERS.get(packer);
  if (!unpack) throw garbled(`the host compresses with ${packer}, which Lifeboat does not support`);
  const hash = createHash('sha256');
  let received = 0;
  const meter = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      received += chunk.length;
      if (received > size)
        throw garbled(`the host sent more than the ${size} bytes it had announced`);
      hash.update(chunk);
      onReceived(received, size);
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
    const status = await session.exitStatus;
    if (status !== 0 || !session.report.done)
      throw garbled(`the connection was lost after ${received} of ${size} bytes`);
    if (received !== size) throw garbled(`the host sent ${received} of ${size} bytes`);
    const sha256 = hash.digest('hex');
    const { sum } = session.report;
    // Without one, the checksum within gzip or zstd has been compared.
    if (sum !== undefined && sum !== sha256)
      throw garbled(`the copy arrived with SHA-256 ${sha256} instead of ${sum}`);
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
async function readTransferStart(out: Readable, mark: string): Promise<Start | undefined> {
  const pattern = new RegExp(String.raw`(?:^|\n)${mark} data (\w+) (\d+)\n`);
  let buffered = Buffer.alloc(0);
  for (;;) {
    const chunk = out.read() as Buffer | null;
    if (chunk === null) {
      if (out.readableEnded || out.destroyed) return undefined;
      await activity(out);
      continue;
    }
    buffered = Buffer.concat([buffered, chunk]);
    const [line, packer = '', size = ''] = pattern.exec(buffered.toString('latin1')) ?? [];
    if (line !== undefined) {
      out.unshift(buffered.subarray(buffered.indexOf(line, 0, 'latin1') + line.length));
      return { packer, size: Number(size) };
    }
    if (buffered.length > MOST_NOISE_BYTES)
      throw garbled(
        'the host prints other things than the database: its login shell must be quiet',
      );
  }
}

function activity(out: Readable): Promise<void> {
  return new Promise((resolve) => {
    const events = ['readable', 'end', 'close', 'error'];
    const stop = () => {
      for (const event of events) out.off(event, stop);
      resolve();
    };
    for (const event of events) out.on(event, stop);
  });
}

function garbled(message: string): LifeboatError {
  return new LifeboatError(
    'source_unreachable',
    message,
    'Check the network to the host, then run the backup again.',
    { transient: true },
  );
}
