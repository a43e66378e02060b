import { causeCode, LifeboatError } from '../lib/errors.ts';
import { ENGLISH, formatTook } from '../lib/text/format.ts';
import { judgeDocument, judgeStatus, type BackupCall, type TriggerOutcome } from './answer.ts';

export type Exchange = BackupCall & {
  readonly body: string;
  readonly key: string;
  /** How long the answer may be silent, ms; the function sends a heartbeat every 15 s. */
  readonly silenceMs: number;
  readonly signal: AbortSignal;
  readonly onProgress?: ((step: string, done: number, total: number) => void) | undefined;
};

/** A document has a few kilobytes. */
const MAX_CHARACTERS = 4 << 20;

type ProgressEvent = { event?: unknown; step?: unknown; done?: unknown; total?: unknown };

/** Sends one request and reads the answer to its end. Rejects only when `signal` aborts. */
export async function exchange(call: Exchange): Promise<TriggerOutcome> {
  const { address, token, body, key, silenceMs, signal } = call;
  const silence = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const restartTimer = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), silenceMs);
  };
  restartTimer();
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
    restartTimer();
    return (
      (await readOutcome(response, call, restartTimer)) ?? cutOff(call, 'ended before the answer')
    );
  } catch (error) {
    signal.throwIfAborted();
    if (silence.signal.aborted)
      return cutOff(call, `was silent for ${formatTook(ENGLISH, silenceMs)}`);
    return cutOff(call, `failed (${causeCode(error) ?? 'no connection'})`);
  } finally {
    clearTimeout(timer);
  }
}

/** The outcome in the body; `undefined` when the body ends without one. */
async function readOutcome(
  response: Response,
  exchange: Exchange,
  onData: () => void,
): Promise<TriggerOutcome | undefined> {
  const type = response.headers.get('content-type') ?? '';
  const { status } = response;
  if (!/\bjson\b|\+json|ndjson/.test(type) || (status >= 300 && status < 400)) {
    await response.body?.cancel();
    return judgeStatus(exchange, status, response.headers.get('location'));
  }
  const isLines = /ndjson/.test(type);
  let whole = '';
  for await (const line of bodyLines(response.body ?? new ReadableStream(), onData)) {
    if (!isLines) {
      whole += line;
      if (whole.length > MAX_CHARACTERS) break;
      continue;
    }
    const value = line.trim() === '' ? undefined : parseLine(line);
    if (value === undefined || report(value, exchange)) continue;
    return judgeDocument(exchange, status, value);
  }
  if (isLines) return undefined;
  const value = parseLine(whole);
  const own = value !== null && typeof value === 'object' && ('ok' in value || 'code' in value);
  return status < 300 || own
    ? judgeDocument(exchange, status, value)
    : judgeStatus(exchange, status, null);
}

async function* bodyLines(
  body: AsyncIterable<Uint8Array>,
  onData: () => void,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const part of body) {
    onData();
    const lines = (rest + decoder.decode(part, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_CHARACTERS) return;
    yield* lines;
  }
  yield rest;
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function report(value: unknown, { onProgress }: Exchange): boolean {
  const { event, step, done, total } = (value ?? {}) as ProgressEvent;
  if (
    event === 'progress' &&
    typeof step === 'string' &&
    typeof done === 'number' &&
    typeof total === 'number'
  )
    onProgress?.(step, done, total);
  return event !== undefined;
}

function cutOff({ address, key }: Exchange, why: string): TriggerOutcome {
  return {
    kind: 'failed',
    again: true,
    error: new LifeboatError(
      'store_unreachable',
      `the connection to ${address.display} ${why}`,
      `Check --url, and that this network reaches the function. Then run the command again with --key ${key}: it makes no second backup.`,
    ),
  };
}
