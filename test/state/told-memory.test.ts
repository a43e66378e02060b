import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Notification } from '../../core/notify/notification.ts';
import { notificationOf, observedFailure } from '../../core/alerts/observations.ts';
import { tell } from '../../core/alerts/deliver.ts';
import { createToldMemory } from '../../core/state/told-memory.ts';
import { NO_MEMORY } from '../../core/alerts/memory.ts';
import { createDirectoryStore } from '../../core/store/directory/directory.ts';
import type { Store } from '../../core/store/store.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { folder } from '../support/files.ts';

const content = async (store: Store): Promise<string> => {
  const parts: Uint8Array[] = [];
  for await (const part of store.read('state/shop.json')) parts.push(part);
  return Buffer.concat(parts).toString();
};

describe.each([
  ['a directory', () => createDirectoryStore(join(folder(), 'store'))],
  ['memory', createMemoryStore],
])('what was told, kept in %s', (_, open) => {
  test('is written only over what was read, beside the other fields of the state', async () => {
    const store = open();
    await store.replace('state/shop.json', Buffer.from('{"lastBackup":"x"}'), undefined);
    const port = createToldMemory(store, 'shop');
    const [first, second] = [await port.read(), await port.read()];
    expect(first.memory).toBeUndefined();
    expect([
      await port.swap(NO_MEMORY, first.token),
      await port.swap(NO_MEMORY, second.token),
    ]).toEqual([true, false]);
    expect(JSON.parse(await content(store))).toEqual({ lastBackup: 'x', told: NO_MEMORY });
    expect((await port.read()).memory).toEqual(NO_MEMORY);
  });

  test.each([
    ['no state', undefined],
    ['a torn state', '{"told": {'],
    ['a state that is a list', '[]'],
  ])('begins anew with %s', async (_case, text) => {
    const store = open();
    if (text !== undefined) await store.replace('state/shop.json', Buffer.from(text), undefined);
    const port = createToldMemory(store, 'shop');
    const { memory, token } = await port.read();
    expect([memory, await port.swap(NO_MEMORY, token)]).toEqual([undefined, true]);
    expect(JSON.parse(await content(store))).toEqual({ told: NO_MEMORY });
  });

  test('lets one of many runs at once tell', async () => {
    const store = open();
    const sent: Notification[] = [];
    const at = new Date('2026-11-24T03:00:00Z');
    const run = (by: string) =>
      tell(
        {
          port: createToldMemory(store, 'shop'),
          notifier: {
            channels: ['slack'],
            notify: async (told) => (
              sent.push(told),
              [{ channel: 'slack', ok: true, durationMs: 1 }]
            ),
          },
          compose: (telling) =>
            notificationOf(telling, { database: 'shop', timeZone: 'UTC', tool: 'lifeboat' }),
          log: () => undefined,
          now: () => at,
          by,
          pause: () => Promise.resolve(),
        },
        [
          observedFailure(
            { code: 'source_busy', message: 'busy', hint: 'Wait.' },
            { step: 'snapshot', run: by, at },
          ),
        ],
      );
    await Promise.all(Array.from({ length: 6 }, (_each, n) => run(`r${n}`)));
    expect(sent.map(({ kind }) => kind)).toEqual(['failed']);
  });
});
