import { causeCode, LifeboatError } from '../lib/errors.ts';
import { judgeDocument, judgeStatus, type Asked, type Outcome } from './answer.ts';

export type Exchange = Asked & {
  readonly body: string;
  readonly key: string;
  /** How long nothing may be heard, ms: there is a beat every 15 s. */
  readonly silenceMs: number;
  readonly signal: AbortSignal;
  readonly onProgress?: ((step: string, done: number, total: number) => void) | undefined;
};

/** A document is some kilobytes. */
const MOST_CHARACTERS = 4 << 20;

type Progress = { event?: unknown; step?: unknown; done?: unknown; total?: unknown };

/** Sends one request and reads the answer to its end. Rejects only when `signal` aborts. */
export async function exchange(asked: Exchange): Promise<Outcome> {
  const { address, token, body, key, silenceMs, signal } = asked;
  const silence = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const heard = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), silenceMs);
  };
  heard();
  try {
    const response = await fetch(address.url, {
      method: 'POST',
      redirect: 'manual',
      body,
      signal: AbortSignal.any([signal, silence.signal]),
      headers: {
        accept: 'application/x-ndjson',
        'content-type': 'application/json',
        'user-agent': 'lifeboat',
        'idempotency-key': key,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
    });
    heard();
    return (await read(response, asked, heard)) ?? cut(address.shown, 'ended before the answer');
  } catch (error) {
    signal.throwIfAborted();
    if (silence.signal.aborted)
      return cut(address.shown, `was silent for ${Math.round(silenceMs / 1000)} s`);
    return cut(address.shown, `failed (${causeCode(error) ?? 'no connection'})`);
  } finally {
    clearTimeout(timer);
  }
}

/** The outcome in the body; `undefined` when the body ends without one. */
async function read(
  response: Response,
  exchange: Exchange,
  heard: () => void,
): Promise<Outcome | undefined> {
  const type = response.headers.get('content-type') ?? '';
  const { status } = response;
  if (!/\bjson\b|\+json|ndjson/.test(type) || (status >= 300 && status < 400)) {
    await response.body?.cancel();
    return judgeStatus(exchange, status, response.headers.get('location'));
  }
  const isLines = /ndjson/.test(type);
  let whole = '';
  for await (const line of linesOf(response.body ?? new ReadableStream(), heard)) {
    if (!isLines) {
      whole += line;
      if (whole.length > MOST_CHARACTERS) break;
      continue;
    }
    const value = line.trim() === '' ? undefined : parse(line);
    if (value === undefined || report(value, exchange)) continue;
    return judgeDocument(exchange, status, value);
  }
  if (isLines) return undefined;
  const value = parse(whole);
  const own = value !== null && typeof value === 'object' && ('ok' in value || 'code' in value);
  return status < 300 || own
    ? judgeDocument(exchange, status, value)
    : judgeStatus(exchange, status, null);
}

async function* linesOf(
  body: AsyncIterable<Uint8Array>,
  heard: () => void,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const part of body) {
    heard();
    const lines = (rest + decoder.decode(part, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MOST_CHARACTERS) return;
    yield* lines;
  }
  yield rest;
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function report(value: unknown, { onProgress }: Exchange): boolean {
  const { event, step, done, total } = (value ?? {}) as Progress;
  if (
    event === 'progress' &&
    typeof step === 'string' &&
    typeof done === 'number' &&
    typeof total === 'number'
  )
    onProgress?.(step, done, total);
  return event !== undefined;
}

function cut(shown: string, why: string): Outcome {
  return {
    kind: 'failed',
    again: true,
    error: new LifeboatError(
      'store_unreachable',
      `the connection to ${shown} ${why}`,
      'See whether this network reaches the function, and whether its name is right; then run it again.',
    ),
  };
}
