import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { deliver } from '../../core/alerts/deliver.ts';
import { EMPTY_MEMORY } from '../../core/alerts/memory.ts';
import { notificationOf } from '../../core/alerts/notification.ts';
import { observedFailure } from '../../core/alerts/observations.ts';
import type { Notification } from '../../core/notify/notification.ts';
import { updateNotificationMemory } from '../../core/state/state.ts';
import { createDirectoryStore } from '../../core/store/directory/directory.ts';
import type { Store } from '../../core/store/store.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { folder } from '../support/files.ts';

const KEY = 'state/shop.json';
const content = async (store: Store): Promise<unknown> => {
  const parts: Uint8Array[] = [];
  for await (const part of store.read(KEY)) parts.push(Uint8Array.from(part));
  return JSON.parse(Buffer.concat(parts).toString());
};

describe.each([
  ['a directory', () => createDirectoryStore(join(folder(), 'store'))],
  ['memory', createMemoryStore],
])('the notification memory, stored in %s', (_, open) => {
  test('changes in the field `told`, and every other field stays', async () => {
    const store = open();
    await store.replace(KEY, Buffer.from('{"lastBackup":"x"}'), undefined);
    const change = (result: string) => (memory: unknown) => ({
      memory: EMPTY_MEMORY,
      result: [result, memory],
    });
    expect(await updateNotificationMemory(store, 'shop', change('first'))).toEqual(['first', null]);
    expect(await content(store)).toEqual({ lastBackup: 'x', told: EMPTY_MEMORY });
    expect(await updateNotificationMemory(store, 'shop', change('second'))).toEqual([
      'second',
      EMPTY_MEMORY,
    ]);
  });

  test('is changed again from the new content when another process wrote in between', async () => {
    const store = open();
    let intruder: unknown = { written: 'in between' };
    const stale: Store = {
      ...store,
      replace: async (key, bytes, generation) => {
        const other = intruder;
        intruder = undefined;
        if (other !== undefined)
          await store.replace(key, Buffer.from(JSON.stringify(other)), undefined);
        return store.replace(key, bytes, generation);
      },
    };
    let calls = 0;
    const change = () => ({ memory: EMPTY_MEMORY, result: (calls += 1) });
    expect(await updateNotificationMemory(stale, 'shop', change)).toBe(2);
    expect(await content(store)).toEqual({ written: 'in between', told: EMPTY_MEMORY });
  });

  test('is not written when nothing changed', async () => {
    const store = open();
    const change = () => ({ memory: undefined, result: 'same' });
    expect(await updateNotificationMemory(store, 'shop', change)).toBe('same');
    expect(await store.stat(KEY)).toBeUndefined();
  });

  test.each([
    ['no state', undefined],
    ['a torn state', '{"told": {'],
    ['a state that is a list', '[]'],
  ])('starts empty with %s', async (_case, text) => {
    const store = open();
    if (text !== undefined) await store.replace(KEY, Buffer.from(text), undefined);
    const change = (memory: unknown) => ({ memory: EMPTY_MEMORY, result: memory });
    expect(await updateNotificationMemory(store, 'shop', change)).toBeNull();
    expect(await content(store)).toEqual({ told: EMPTY_MEMORY });
  });

  test('lets one of many simultaneous runs send', async () => {
    const store = open();
    const sent: Notification[] = [];
    const at = new Date('2026-11-24T03:00:00Z');
    const run = (runId: string) =>
      deliver(
        {
          store,
          notifier: {
            channels: ['slack'],
            notify: async (notification) => (
              sent.push(notification),
              [{ channel: 'slack', ok: true, durationMs: 1 }]
            ),
          },
          compose: ([first]) => {
            if (!first) throw new Error('nothing to send');
            return notificationOf(first.alert, {
              database: 'shop',
              timeZone: 'UTC',
              tool: 'lifeboat',
            });
          },
          log: () => undefined,
          now: () => at,
          runId,
        },
        [
          {
            database: 'shop',
            observations: [
              observedFailure(
                { code: 'source_busy', message: 'busy', hint: 'Wait.' },
                { step: 'snapshot', run: runId, at },
              ),
            ],
          },
        ],
      );
    await Promise.all(Array.from({ length: 6 }, (_each, n) => run(`r${n}`)));
    expect(sent.map(({ kind }) => kind)).toEqual(['failed']);
  });
});
