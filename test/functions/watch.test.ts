import type { CloudEvent } from '@google-cloud/functions-framework';
import { describe, expect, test } from 'vitest';
import type { App } from '../../core/app/app.ts';
import { LifeboatError } from '../../core/lib/errors.ts';
import type { Published } from '../../functions/delivery.ts';
import { watch } from '../../functions/watch.ts';

const event = (data: unknown) =>
  ({
    id: '1',
    data: {
      message: { data: Buffer.from(JSON.stringify(data)).toString('base64'), messageId: '1' },
    },
  }) as CloudEvent<Published>;
const deliver = async (data: unknown, watching: App['watch']) => {
  const calls: unknown[] = [];
  const { signal } = new AbortController();
  const lines: string[] = [];
  const app = {
    requireConfigured: (name: string) => {
      if (name !== '*')
        throw new LifeboatError('not_found', `no database ${name}`, 'It is a fake.');
    },
    watch: (...args: Parameters<App['watch']>) => (calls.push(args), watching(...args)),
  } as unknown as App;
  const log = (severity: string, message: string) => void lines.push(`${severity} ${message}`);
  const ended = await watch(
    { open: async () => app, log, deadlineMs: 520_000, signal },
    event(data),
  ).then(
    () => 'acknowledged',
    () => 'rejected',
  );
  return { calls, lines, ended };
};

describe('the function watch', () => {
  test('watches within its deadline and acknowledges the message whatever it finds', async () => {
    const finding = {
      database: 'shop',
      check: 'late',
      level: 'fault',
      about: 'late',
      detail: 'late',
      hint: 'Look.',
    } as const;
    const { ended, calls } = await deliver(
      { database: '*', reason: 'schedule', kind: 'auto' },
      async () => ({ findings: [finding] }),
    );
    expect([ended, calls]).toEqual([
      'acknowledged',
      [[{ deadlineMs: 520_000, signal: expect.any(AbortSignal) }]],
    ]);
  });

  test('drops an invalid message with an error in the log', async () => {
    const { ended, calls, lines } = await deliver({ db: 1 }, async () => ({ findings: [] }));
    expect([ended, calls]).toEqual(['acknowledged', []]);
    expect(lines[0]).toMatch(/^ERROR dropped a message/);
  });

  test('rejects when the watch itself fails, so that Pub/Sub delivers the message again', async () => {
    const { ended } = await deliver({ database: '*' }, () => Promise.reject(new Error('a fault')));
    expect(ended).toBe('rejected');
  });
});
