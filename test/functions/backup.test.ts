import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LifeboatError } from '../../core/lib/errors.ts';
import type { Publisher } from '../../core/messages/publisher.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { serveFunctions } from '../support/functions.ts';

type Sent = { topic: string; data: unknown; attributes: Readonly<Record<string, string>> };
/** A fake: keeps what is published, and fails as often as it is told to. */
const createMemoryPublisher = (failures = 0): Publisher & { sent: Sent[] } => {
  const sent: Sent[] = [];
  let left = failures;
  return {
    sent,
    publish: async (topic, data, attributes) => {
      if (left-- > 0)
        throw new LifeboatError('store_unreachable', 'the topic did not answer', 'It is a fake.');
      sent.push({ topic, data: JSON.parse(Buffer.from(data).toString()), attributes });
    },
  };
};

describe('the function backup', () => {
  test('makes one backup of a message, whose id follows from the message', async () => {
    const { push, app } = await serveFunctions();
    expect((await push({ database: 'notes', reason: 'schedule' })).status).toBe(204);
    const backups = await (await app()).list('notes');
    expect(backups).toMatchObject([
      { id: expect.stringMatching(/^20261123T030000Z-/), reason: 'schedule', verdict: 'ok' },
    ]);
  });

  test('delivered again, and twice at once, it is still one backup', async () => {
    const { push, app } = await serveFunctions();
    const answers = await Promise.all([push({ database: 'notes' }), push({ database: 'notes' })]);
    answers.push(await push({ database: 'notes' }));
    expect(answers.map(({ status }) => status)).toEqual([204, 204, 204]);
    expect(await (await app()).list('notes')).toHaveLength(1);
    await push({ database: 'notes' }, { messageId: '1002' });
    expect(await (await app()).list('notes')).toHaveLength(2);
  });

  test.each<[string, unknown, object]>([
    ['that is not JSON', 'hello', {}],
    ['without data', '', { attributes: { database: 'notes' } }],
    ['of another shape', { db: 'notes' }, {}],
    ['with a field too many', { database: 'notes', path: '/etc/passwd' }, {}],
    ['that is too large', { database: 'notes', reason: 'x'.repeat(70_000) }, {}],
    ['for an unknown database', { database: 'shop' }, {}],
    ['that names a file of the machine', { database: './notes.db' }, {}],
    ['for a property of every object', { database: 'constructor' }, {}],
    ['that is not UTF-8', Buffer.from([0x7b, 0xff]).toString('latin1'), {}],
  ])(
    'a message %s is acknowledged with an error in the log, and makes nothing',
    async (_, data, more) => {
      const { push, lines, app } = await serveFunctions();
      expect((await push(data, more)).status).toBe(204);
      expect(lines.filter(({ severity }) => severity === 'ERROR')).toMatchObject([
        { message: expect.stringContaining('dropped a message') },
      ]);
      expect(await (await app()).list()).toEqual([]);
    },
  );

  test('a failure that a retry can help rejects; the retry then succeeds', async () => {
    const store = createMemoryStore();
    let broken = true;
    const create: typeof store.create = async (...args) => {
      if (broken) throw new LifeboatError('store_unreachable', 'no answer', 'It is a fake.');
      return store.create(...args);
    };
    const { push, app, lines } = await serveFunctions({
      overrides: { store: { ...store, create } },
    });
    expect((await push({ database: 'notes' })).status).toBe(500);
    expect(lines.filter(({ severity }) => severity === 'ERROR').map(({ code }) => code)).toContain(
      'store_unreachable',
    );
    broken = false;
    expect((await push({ database: 'notes' })).status).toBe(204);
    expect(await (await app()).list('notes')).toHaveLength(1);
  });

  test('one that a retry cannot help is acknowledged', async () => {
    const { push, cwd, lines } = await serveFunctions();
    rmSync(join(cwd, 'notes.db'));
    expect((await push({ database: 'notes' })).status).toBe(500);
    const { push: pushEmpty } = await serveFunctions({ names: ['notes'], deadlineMs: 0 });
    expect((await pushEmpty({ database: 'notes' })).status).toBe(204);
    expect(lines.some(({ code }) => code === 'source_unreachable')).toBe(true);
  });

  test('* publishes a message for each database, with the id and time of its own', async () => {
    const publisher = createMemoryPublisher();
    const { push, app } = await serveFunctions({
      names: ['notes', 'shop'],
      overrides: { publisher },
    });
    expect((await push({ database: '*', kind: 'full' })).status).toBe(204);
    const attributes = { parent: '1001', parentTime: '2026-11-23T03:00:00.123Z' };
    expect(publisher.sent).toEqual([
      {
        topic: 'backup',
        data: { database: 'notes', reason: 'schedule', kind: 'full' },
        attributes,
      },
      { topic: 'backup', data: { database: 'shop', reason: 'schedule', kind: 'full' }, attributes },
    ]);
    // Delivered again the parent publishes again; the children are other messages, and the same requests.
    for (const messageId of ['2001', '2002'])
      for (const { data } of publisher.sent)
        await push(data, { messageId, attributes, publishTime: '2026-11-23T03:00:09Z' });
    expect((await (await app()).list()).map(({ database }) => database).sort()).toEqual([
      'notes',
      'shop',
    ]);
  });

  test.each([
    '+275760-09-13T00:00:00Z',
    '-000001-01-01T00:00:00Z',
    '9999-01-01T00:00:00Z',
    // A little more than a day before the message was published.
    '2026-11-22T03:00:00Z',
    'soon',
  ])(
    'a parent time of %s is forged, and the message counts as one of its own',
    async (parentTime) => {
      const { push, app } = await serveFunctions();
      const answer = await push(
        { database: 'notes' },
        { attributes: { parent: '1000', parentTime } },
      );
      expect(answer.status).toBe(204);
      expect(await (await app()).list()).toMatchObject([
        { id: expect.stringMatching(/^20261123T030000Z-/) },
      ]);
    },
  );

  test('a message without a valid time of publication is dropped', async () => {
    const { push, app } = await serveFunctions();
    expect((await push({ database: 'notes' }, { publishTime: 'soon' })).status).toBe(204);
    expect(await (await app()).list()).toEqual([]);
  });

  test('a fan-out that fails half way rejects, so that the rest is published by the retry', async () => {
    const publisher = createMemoryPublisher(1);
    const { push } = await serveFunctions({ names: ['notes', 'shop'], overrides: { publisher } });
    expect((await push({ database: '*' })).status).toBe(500);
    expect((await push({ database: '*' })).status).toBe(204);
    expect(
      publisher.sent.map(({ data }) => (data as { database: string }).database).sort(),
    ).toEqual(['notes', 'shop', 'shop']);
  });
});
