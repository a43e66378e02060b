import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { redeliveryPause, startTopics } from '../../cli/serve/topics.ts';
import { createPushPublisher } from '../../core/messages/push.ts';
import { startService } from '../fakes/http-service.ts';

const now = () => new Date('2026-11-25T12:00:00Z');

async function serveTopics() {
  const functions = await startService(() => ({ status: 204 }));
  const stop = new AbortController();
  const topics = await startTopics(
    { url: () => functions.url, token: 'the token of the functions' },
    () => undefined,
    stop.signal,
  );
  onTestFinished(() => {
    stop.abort();
    topics.close();
  });
  return { functions, topics };
}

describe('the topics of `lifeboat dev`', () => {
  test('deliver what a function publishes', async () => {
    const { functions, topics } = await serveTopics();
    await createPushPublisher(topics.url, now).publish('backup', Buffer.from('{}'), {
      parent: '1',
    });
    await expect.poll(() => functions.received).toHaveLength(1);
    expect(functions.received[0]).toMatchObject({
      method: 'POST',
      path: '/projects/local/topics/lifeboat-backup',
    });
    expect(JSON.parse(functions.received[0]?.body ?? '')).toMatchObject({
      message: { data: Buffer.from('{}').toString('base64'), attributes: { parent: '1' } },
    });
  });

  test('deliver without fetch(), which gives up on a backup of more than 300 s', async () => {
    const { functions, topics } = await serveTopics();
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('fetch failed')));
    onTestFinished(() => void vi.unstubAllGlobals());
    const message = { data: '', messageId: '1', publishTime: now().toISOString() };
    topics.publish('backup', { message });
    await expect.poll(() => functions.received).toHaveLength(1);
    expect(functions.received[0]?.headers.authorization).toBe('Bearer the token of the functions');
  });

  test('retry for six hours, with pauses of 10 s to 10 min', () => {
    const pauses: number[] = [];
    for (
      let attempt = 1, pause = redeliveryPause(1);
      pause !== undefined;
      pause = redeliveryPause(attempt)
    ) {
      pauses.push(pause);
      attempt += 1;
    }
    const hours = pauses.reduce((sum, pause) => sum + pause, 0) / 3_600_000;
    expect([pauses[0], pauses.at(-1), Math.round(hours)]).toEqual([10_000, 600_000, 6]);
  });

  test.each<[string, { path?: string; headers?: Record<string, string>; body?: string }, number]>([
    ['without the secret path', { path: '/publish/backup' }, 404],
    ['with another secret', { path: `/${'0'.repeat(32)}/publish/backup` }, 404],
    ['under another host name', { headers: { host: 'evil.example' } }, 404],
    [
      'as a form or a script of a page sends it',
      { headers: { 'content-type': 'text/plain' } },
      404,
    ],
    ['that is not JSON', { body: '{' }, 400],
  ])('refuse a message %s', async (_, { path, headers, body = '{"message":{}}' }, status) => {
    const { functions, topics } = await serveTopics();
    const { origin, pathname } = new URL(topics.url);
    const call = request(`${origin}${path ?? `${pathname}/publish/backup`}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
    });
    call.end(body);
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(status);
    expect(functions.received).toEqual([]);
  });
});
