import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

type Log = (severity: 'INFO' | 'WARNING' | 'ERROR', message: string) => void;
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

const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 600_000;
const AT_ONCE = 2;
const MOST_BYTES = 1 << 20;

/**
 * Stands in for Pub/Sub on one machine: takes messages, pushes them to the functions with the
 * pauses of the real subscription (10 to 600 s), and reports what could not be delivered. What is
 * queued is lost with this process; the schedules fire what was missed when it starts again.
 */
export async function startTopics(
  target: () => string | undefined,
  log: Log,
  signal: AbortSignal,
): Promise<Topics> {
  const queue: { topic: string; push: Push; attempt: number }[] = [];
  let running = 0;
  const deliver = async (topic: string, push: Push): Promise<boolean> => {
    const base = target();
    if (base === undefined) return false;
    const response = await fetch(`${base}/projects/local/topics/lifeboat-${topic}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        ...push,
        subscription: `projects/local/subscriptions/lifeboat-${topic}`,
      }),
      signal,
    }).catch(() => undefined);
    return response?.ok === true;
  };
  const again = async (item: (typeof queue)[number]): Promise<void> => {
    if (item.attempt >= ATTEMPTS)
      return log('ERROR', `a message of ${item.topic} is given up after ${ATTEMPTS} attempts`);
    await sleep(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (item.attempt - 1)), undefined, {
      signal,
      ref: false,
    }).catch(() => undefined);
    if (signal.aborted) return;
    queue.push({ ...item, attempt: item.attempt + 1 });
    next();
  };
  const next = (): void => {
    while (running < AT_ONCE) {
      const item = queue.shift();
      if (!item || signal.aborted) return;
      running += 1;
      void deliver(item.topic, item.push).then((done) => {
        running -= 1;
        if (!done && !signal.aborted) void again(item);
        next();
      });
    }
  };
  const publish = (topic: string, push: Push): void => {
    queue.push({ topic, push, attempt: 1 });
    next();
  };
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
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${secretPath}`,
    publish,
    close: () => void server.close(),
  };
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
    if (size > MOST_BYTES) throw new Error('the message is too large');
    parts.push(part);
  }
  return JSON.parse(Buffer.concat(parts).toString('utf8')) as Push;
}
