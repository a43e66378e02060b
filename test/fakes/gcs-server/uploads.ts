import type { IncomingMessage } from 'node:http';
import { buffer, text } from 'node:stream/consumers';
import { createSink, type Place, type Sink } from './bodies.ts';
import type { FakeBucket } from './bucket.ts';
import { ApiFault, type Fault, type Meta } from './types.ts';

const BLOCK = 256 * 2 ** 10;
export type Answer = { status: number; headers?: Record<string, string>; json?: unknown };
export type Session = {
  readonly bucket: FakeBucket;
  readonly given: Partial<Meta> & { name: string };
  readonly query: URLSearchParams;
  readonly sink: Sink;
  has: number;
  done?: Meta;
  busy: Promise<unknown>;
};

/** The request's bytes with the fault applied. A cut ends the connection halfway. */
export async function* received(
  req: IncomingMessage,
  fault: Fault | undefined,
): AsyncGenerator<Buffer> {
  const { socket } = req;
  let [seen, stalled] = [0, false];
  for await (const chunk of req as AsyncIterable<Buffer>) {
    let piece = chunk;
    if (fault?.type === 'cut' && seen + piece.length >= fault.after) {
      yield piece.subarray(0, fault.after - seen);
      req.destroy();
      throw new Error('cut');
    }
    // Keeps reading, because otherwise the end of the connection would go unnoticed.
    if (
      fault?.type === 'stall' &&
      fault.after !== undefined &&
      seen + piece.length >= fault.after
    ) {
      seen += piece.length;
      stalled = true;
      continue;
    }
    const at = fault?.type === 'corrupt' ? (fault.at ?? 0) - seen : -1;
    if (at >= 0 && at < piece.length) {
      piece = Buffer.from(piece);
      piece.writeUInt8(piece.readUInt8(at) ^ 1, at);
    }
    seen += piece.length;
    yield piece;
  }
  if (stalled && !socket.destroyed) await new Promise((resolve) => socket.once('close', resolve));
  if (stalled) throw new Error('stalled');
}

/** multipart/related: the metadata, then the content. */
export async function insertMultipart(
  bucket: FakeBucket,
  query: URLSearchParams,
  req: IncomingMessage,
  fault: Fault | undefined,
  large: Place,
): Promise<Answer> {
  const boundary = /boundary="?([^";]+)"?/.exec(req.headers['content-type'] ?? '')?.[1];
  if (boundary === undefined) throw new ApiFault(400, 'badRequest', 'Malformed multipart body.');
  const corrupt = fault?.type === 'corrupt';
  const bytes = await buffer(received(req, corrupt ? undefined : fault));
  const mark = Buffer.from(`--${boundary}`);
  const headEnd = bytes.indexOf('\r\n\r\n');
  const second = bytes.indexOf(mark, mark.length);
  const contentAt = bytes.indexOf('\r\n\r\n', second) + 4;
  const end = bytes.lastIndexOf(`\r\n--${boundary}--`);
  if (headEnd < 0 || second < 0 || contentAt < 4 || end < contentAt)
    throw new ApiFault(400, 'badRequest', 'Malformed multipart body.');
  const meta = JSON.parse(
    bytes
      .subarray(headEnd + 4, second)
      .toString('utf8')
      .trim(),
  ) as Partial<Meta>;
  const content = Buffer.from(bytes.subarray(contentAt, end));
  if (corrupt && content.length > 0) content.writeUInt8(content.readUInt8(0) ^ 1, 0);
  const sink = await createSink(content.length > 2 ** 20 ? large : 'memory');
  await sink.append([content]);
  const name = query.get('name') ?? meta.name ?? '';
  return { status: 200, json: await bucket.insert({ ...meta, name }, await sink.finish(), query) };
}

export async function startSession(
  bucket: FakeBucket,
  query: URLSearchParams,
  req: IncomingMessage,
  large: Place,
): Promise<Session> {
  const sent = await text(req);
  const meta = (sent === '' ? {} : JSON.parse(sent)) as Partial<Meta>;
  const given = { ...meta, name: query.get('name') ?? meta.name ?? '' };
  bucket.check(given.name, query);
  return { bucket, given, query, sink: await createSink(large), has: 0, busy: Promise.resolve() };
}

/** A chunk, or with `*` as its range a query for the stored size. Of a cut chunk Google keeps whole blocks of 256 KiB. */
export async function putChunk(
  session: Session,
  req: IncomingMessage,
  fault: Fault | undefined,
): Promise<Answer> {
  const [, from, to, total] =
    /^bytes (?:\*|(\d+)-(\d+))\/(\*|\d+)$/.exec(req.headers['content-range'] ?? '') ?? [];
  if (total === undefined) throw new ApiFault(400, 'badRequest', 'Invalid Content-Range.');
  if (session.done) {
    req.resume();
    return { status: 200, json: session.done };
  }
  const hash = req.headers['x-goog-hash'] as string | undefined;
  if (from === undefined) {
    req.resume();
    return Number(total) === session.has ? finish(session, hash) : incomplete(session);
  }
  const end = Number(to) + 1;
  if (Number(from) > session.has)
    throw new ApiFault(400, 'badRequest', 'Invalid request. There is a gap in the upload.');
  if (total === '*' && (end - Number(from)) % BLOCK !== 0)
    throw new ApiFault(
      400,
      'badRequest',
      'Invalid request. A chunk must be a multiple of 256 KiB.',
    );
  let skip = session.has - Number(from);
  let waiting: Buffer[] = [];
  let length = 0;
  const keepBlocks = async (): Promise<void> => {
    const over = length % BLOCK;
    const last = waiting.pop() ?? Buffer.alloc(0);
    const split = last.length - over;
    await session.sink.append([...waiting, last.subarray(0, split)]);
    session.has += length - over;
    waiting = [last.subarray(split)];
    length = over;
  };
  for await (const chunk of received(req, fault)) {
    const piece = chunk.subarray(Math.min(skip, chunk.length));
    skip -= chunk.length - piece.length;
    waiting.push(piece);
    length += piece.length;
    if (length >= BLOCK) await keepBlocks();
  }
  if (Number(total) !== end || session.has + length !== end) return incomplete(session);
  await session.sink.append(waiting);
  session.has = end;
  return finish(session, hash);
}

async function finish(session: Session, announced: string | undefined): Promise<Answer> {
  const stored = await session.sink.finish();
  const crc32c = /crc32c=([^,]+)/.exec(announced ?? '')?.[1];
  session.done = await session.bucket.insert(
    { ...session.given, ...(crc32c === undefined ? {} : { crc32c }) },
    stored,
    session.query,
  );
  return { status: 200, json: session.done };
}

function incomplete({ has }: Session): Answer {
  return {
    status: 308,
    headers: has === 0 ? {} : { range: `bytes=0-${has - 1}` },
  };
}
