import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request as sendRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

type TopicsLog = (severity: 'ERROR', message: string) => void;
export type Push = {
  readonly message: {
    readonly data: string;
    readonly messageId: string;
    readonly attributes?: object;
    readonly publishTime: string;
  };
};
export type Topics = {
  /** Where functions publish to. A secret: anyone who knows it can start backups. */
  readonly url: string;
  publish(topic: string, push: Push): void;
  close(): void;
};
/** The functions: their address while they listen, and the token that they require, if any. */
export type FunctionsTarget = {
  readonly url: () => string | undefined;
  readonly token: string | undefined;
};
type Delivery = { readonly topic: string; readonly push: Push; readonly attempt: number };

/** Six hours of retries, as in the cloud (`delivery_attempts`). */
const MAX_ATTEMPTS = 40;
const FIRST_PAUSE_MS = 10_000;
const MAX_PAUSE_MS = 600_000;
const CONCURRENCY = 2;
const MAX_REQUEST_BYTES = 1 << 20;

/**
 * Stands in for Pub/Sub on one machine: accepts messages, pushes them to the functions with the
 * pauses of the real subscription (10 to 600 s), and logs what could not be delivered. The queue
 * is lost with this process; when it starts again, the schedules fire what was missed.
 */
export async function startTopics(
  target: FunctionsTarget,
  log: TopicsLog,
  signal: AbortSignal,
): Promise<Topics> {
  const publish = createQueue(target, log, signal);
  // Only the functions of this process know the path: a web page or another user of the machine
  // cannot publish a message.
  const secretPath = `/${randomBytes(16).toString('hex')}`;
  const server = createServer((request, response) => {
    const topic = topicOf(request, secretPath);
    if (topic === undefined || request.method !== 'POST') return void response.writeHead(404).end();
    readPush(request).then(
      (push) => {
        publish(topic, push);
        response.writeHead(204).end();
      },
      () => response.writeHead(400).end(),
    );
  });
  const url = `${await listen(server)}${secretPath}`;
  return { url, publish, close: () => void server.close() };
}

/** How long to wait after a failed attempt, the first being 1; undefined: that was the last one. */
export function redeliveryPause(attempt: number): number | undefined {
  if (attempt >= MAX_ATTEMPTS) return undefined;
  return Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
}

/** Delivers what is published, two at a time. */
function createQueue(
  target: FunctionsTarget,
  log: TopicsLog,
  signal: AbortSignal,
): Topics['publish'] {
  const queue: Delivery[] = [];
  let running = 0;
  const next = (): void => {
    while (running < CONCURRENCY) {
      const delivery = queue.shift();
      if (!delivery || signal.aborted) return;
      running += 1;
      void deliverMessage(target, delivery, signal).then((isDelivered) => {
        running -= 1;
        if (!isDelivered && !signal.aborted) void retry(delivery);
        next();
      });
    }
  };
  const retry = async ({ topic, push, attempt }: Delivery): Promise<void> => {
    const pauseMs = redeliveryPause(attempt);
    if (pauseMs === undefined)
      return log('ERROR', `dropped a message of ${topic} after ${attempt} attempts`);
    await sleep(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
    if (signal.aborted) return;
    queue.push({ topic, push, attempt: attempt + 1 });
    next();
  };
  return (topic, push) => {
    queue.push({ topic, push, attempt: 1 });
    next();
  };
}

/** Whether the function has processed the message, however long that takes. */
async function deliverMessage(
  { url: currentUrl, token }: FunctionsTarget,
  { topic, push }: Delivery,
  signal: AbortSignal,
): Promise<boolean> {
  const url = currentUrl();
  if (url === undefined) return false;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  // A function responds when its backup has ended. fetch() stops waiting after 300 s, and a longer
  // backup would be started again while it runs.
  const call = sendRequest(`${url}/projects/local/topics/lifeboat-${topic}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    // A connection of its own: an idle one could be closed at the moment of its next use.
    agent: false,
    signal,
  });
  call.once('response', (response) => {
    const { statusCode = 0 } = response;
    response.on('error', () => undefined).resume();
    resolve(statusCode >= 200 && statusCode < 300);
  });
  call.on('error', () => resolve(false));
  call.end(
    JSON.stringify({ ...push, subscription: `projects/local/subscriptions/lifeboat-${topic}` }),
  );
  return promise;
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function topicOf({ url = '', headers }: IncomingMessage, secretPath: string): string | undefined {
  if (!/^127\.0\.0\.1:\d+$/.test(headers.host ?? '')) return undefined;
  if (headers['content-type'] !== 'application/json') return undefined;
  const names = ['backup', 'restore-test'];
  return names.find((name) => url === `${secretPath}/publish/${name}`);
}

async function readPush(request: IncomingMessage): Promise<Push> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAX_REQUEST_BYTES) throw new Error('the message is too large');
    parts.push(part);
  }
  return JSON.parse(Buffer.concat(parts).toString('utf8')) as Push;
}
