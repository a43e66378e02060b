import { copyFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openApp, type OpenOptions } from '../../core/app/open.ts';
import { LifeboatError } from '../../core/lib/errors.ts';
import { EFFORT } from '../../core/notify/channel/attempts.ts';
import { openChannels } from '../../core/notify/channel/open.ts';
import { createNotifier } from '../../core/notify/notifier.ts';
import type { Context } from '../../core/context.ts';
import { createDirectoryStore } from '../../core/store/directory/directory.ts';
import type { Store } from '../../core/store/store.ts';
import { startService, type Behaviour } from '../fakes/http-service.ts';
import { sendGrid } from '../fakes/notification-services.ts';
import { BACKUP } from '../support/app.ts';
import { sql, SMALL } from '../support/databases.ts';
import { folder } from '../support/files.ts';
import { startChannels } from '../support/channels.ts';

type Line = { severity: string; message: string; event?: unknown; [field: string]: unknown };
const broken = (code: ConstructorParameters<typeof LifeboatError>[0] = 'store_denied') =>
  new LifeboatError(code, 'it is broken', 'It is a fake.');

const setUp = async (settings = '', more = '') => {
  const cwd = folder();
  sql(join(cwd, 'shop.db'), SMALL);
  const channels = await startChannels();
  writeFileSync(
    join(cwd, 'lifeboat.yaml'),
    `databases: { shop: { source: shop.db${settings} } }\n${channels.yaml}${more}`,
  );
  const lines: Line[] = [];
  const open = (options: Partial<OpenOptions> = {}) =>
    openApp({
      cwd,
      env: { TMPDIR: cwd, ...channels.env },
      notify: true,
      log: (severity, message, fields) => void lines.push({ severity, message, ...fields }),
      ...options,
    });
  return { cwd, lines, open, ...channels, store: createDirectoryStore(join(cwd, 'backups')) };
};
type World = Awaited<ReturnType<typeof setUp>>;

const refusing = (store: Store, refused: (key: string) => boolean): Store => ({
  ...store,
  create: async (key, ...rest) => {
    if (refused(key)) throw broken();
    return store.create(key, ...rest);
  },
});
const shop = (cwd: string) => ({ url: `file://${join(cwd, 'shop.db')}`, measure: async () => 0 });

/** A snapshot that only the inspection cannot find. */
const uninspectable = ({ cwd }: World): Partial<Context> => ({
  openSource: async () => ({
    ...shop(cwd),
    pull: async () => {
      const copy = join(cwd, 'copy.db');
      copyFileSync(join(cwd, 'shop.db'), copy);
      return {
        get path() {
          const inspecting = new Error('where').stack?.includes('inspectSnapshot') === true;
          return inspecting ? join(cwd, 'gone.db') : copy;
        },
        size: statSync(copy).size,
        takenAt: new Date(),
        holds: () => true,
      } as never;
    },
  }),
});

describe('a backup that fails', () => {
  test.each<[string, string, (world: World) => Partial<Context>, string?]>([
    ['health', 'source_unhealthy', () => ({}), ', health: { url: "http://127.0.0.1:9/healthz" }'],
    [
      'space',
      'insufficient_space',
      () => ({
        space: {
          memory: () => 1,
          filesInMemory: true,
          free: async () => Infinity,
          volume: async () => undefined,
          reserve: { share: 0.1 },
        },
      }),
    ],
    [
      'snapshot',
      'source_busy',
      ({ cwd }) => ({
        openSource: async () => ({
          ...shop(cwd),
          pull: () => Promise.reject(broken('source_busy')),
        }),
      }),
    ],
    ['inspect', 'internal', uninspectable],
    [
      'judge',
      'source_unhealthy',
      () => ({}),
      ', assertions: [{ name: has users, sql: select count(*) > 900 from notes }]',
    ],
    [
      'write',
      'store_denied',
      ({ store }) => ({ store: refusing(store, (key) => key.endsWith('.zst')) }),
    ],
    [
      'commit',
      'store_denied',
      ({ store }) => ({ store: refusing(store, (key) => key.endsWith('manifest.json')) }),
    ],
    [
      'start',
      'source_unreachable',
      () => ({ openSource: () => Promise.reject(broken('source_unreachable')) }),
    ],
  ])(
    'at %s alerts every channel once with the step, logs one error, and reports the recovery once',
    async (step, code, fault, settings = '') => {
      const world = await setUp(settings);
      const { cwd, lines, open, counts, notifications } = world;
      const sick = await open({ overrides: fault(world) });
      for (let attempt = 0; attempt < 3; attempt += 1)
        await expect(sick.backup('shop', BACKUP)).rejects.toMatchObject({ code });
      expect(counts()).toEqual([1, 1, 1, 1]);
      expect(notifications()).toMatchObject([
        { kind: 'failed', database: 'shop', fault: { step, code }, lastGood: null },
      ]);
      const runs = lines.filter(({ event, severity }) => event === 'run' && severity === 'ERROR');
      expect(runs.map((line) => line['code'])).toEqual([code, code, code]);
      expect(
        lines.filter(({ severity, event }) => severity === 'ERROR' && event !== 'run'),
      ).toEqual([]);

      writeFileSync(
        join(cwd, 'lifeboat.yaml'),
        `databases: { shop: { source: shop.db } }\n${world.yaml}`,
      );
      const well = await open();
      for (let n = 0; n < 2; n += 1) await well.backup('shop', BACKUP);
      expect(counts()).toEqual([2, 2, 2, 2]);
      expect(notifications()[1]).toMatchObject({
        kind: 'recovered',
        database: 'shop',
        fault: { step, code },
      });
    },
  );

  test('is in the log before any channel is called', async () => {
    const { open, lines, mail } = await setUp(', health: { url: "http://127.0.0.1:9/" }');
    const before: number[] = [];
    const app = await open({
      log: (severity, message, fields) => {
        if (fields?.['event'] === 'run') before.push(mail.received.length);
        lines.push({ severity, message });
      },
    });
    await expect(app.backup('shop', BACKUP)).rejects.toThrow();
    expect(before).toEqual([0]);
    expect(mail.received).toHaveLength(1);
  });

  test('alerts nobody without --notify', async () => {
    const { open, counts } = await setUp(', health: { url: "http://127.0.0.1:9/" }');
    await expect((await open({ notify: false })).backup('shop', BACKUP)).rejects.toThrow();
    expect(counts()).toEqual([0, 0, 0, 0]);
  });

  test('alerts the other channels when one lacks its secret, and logs which one', async () => {
    const { open, counts, lines, env, cwd } = await setUp(
      ', health: { url: "http://127.0.0.1:9/" }',
    );
    const app = await open({ env: { ...env, TMPDIR: cwd, SLACK_WEBHOOK_URL: undefined } });
    await expect(app.backup('shop', BACKUP)).rejects.toMatchObject({ code: 'source_unhealthy' });
    expect(counts()).toEqual([1, 0, 1, 1]);
    expect(lines.filter((line) => line['channel'] === 'slack')).toMatchObject([
      { severity: 'ERROR', code: 'config_invalid' },
    ]);
  });

  test('alerts while the store does not answer, without a last good backup', async () => {
    const { open, notifications, store } = await setUp();
    const down = () => Promise.reject(broken('store_unreachable'));
    const dead: Store = {
      ...store,
      create: down,
      stat: down,
      replace: down,
      // oxlint-disable-next-line require-yield
      async *list() {
        throw broken('store_unreachable');
      },
      // oxlint-disable-next-line require-yield
      async *read() {
        throw broken('store_unreachable');
      },
    };
    const app = await open({ overrides: { store: dead } });
    for (let n = 0; n < 2; n += 1)
      await expect(app.backup('shop', BACKUP)).rejects.toMatchObject({ code: 'store_unreachable' });
    expect(notifications()).toMatchObject([
      { kind: 'failed', fault: { code: 'store_unreachable' } },
    ]);
    expect(notifications()[0]).not.toHaveProperty('lastGood');
  });
});

describe('a backup that works', () => {
  test('alerts nobody when nothing was wrong', async () => {
    const { open, counts } = await setUp();
    await (await open()).backup('shop', BACKUP);
    expect(counts()).toEqual([0, 0, 0, 0]);
  });

  test('reports an earlier run that crashed, and then the recovery', async () => {
    const { open, notifications, store } = await setUp();
    const run = '20261101T030000Z-00000000-00000000';
    const started = {
      run,
      operation: 'backup',
      startedAt: '2026-11-01T03:00:00.000Z',
      deadlineMs: 1000,
    };
    await store.create(`runs/shop/${run}/started.json`, Buffer.from(JSON.stringify(started)));
    await (await open()).backup('shop', BACKUP);
    expect(notifications()).toMatchObject([
      { kind: 'failed', fault: { step: 'run', code: 'internal' }, run },
      { kind: 'recovered' },
    ]);
  });

  test('reports a copy that fails, and once that it is up to date again', async () => {
    const { open, notifications, cwd } = await setUp('', 'copies: [copy]\n');
    writeFileSync(join(cwd, 'copy'), 'no folder');
    await (await open()).backup('shop', BACKUP);
    unlinkSync(join(cwd, 'copy'));
    await (await open()).backup('shop', BACKUP);
    expect(notifications()).toMatchObject([
      { kind: 'copy-failing', fault: { step: 'copy' } },
      { kind: 'recovered' },
    ]);
  });

  test('warns and alerts when less space is free than the reserve, and reports when there is enough', async () => {
    const { open, notifications, lines } = await setUp();
    const space = (free: number) => ({
      memory: () => undefined,
      filesInMemory: false,
      free: async () => Infinity,
      // Of the store: the temporary folder has room.
      volume: async (path: string) =>
        path.endsWith('backups') ? { free, total: 2 ** 30 } : undefined,
      reserve: { share: 0.1 },
    });
    await (await open({ overrides: { space: space(2 ** 20) } })).backup('shop', BACKUP);
    expect(lines.filter(({ event }) => event === 'space')).toMatchObject([
      { severity: 'WARNING', message: expect.stringContaining('1 MiB free in ') },
    ]);
    await (await open({ overrides: { space: space(2 ** 29) } })).backup('shop', BACKUP);
    expect(notifications()).toMatchObject([
      { kind: 'space-low', fault: { step: 'space', code: 'insufficient_space' } },
      { kind: 'recovered' },
    ]);
  });
});

describe('SendGrid', () => {
  const answers = sendGrid('SG.right');
  const quick = { ...EFFORT, attemptMs: 100, pauseMs: 1, mostPauseMs: 5, attempts: 2 };
  test.each<[string, Behaviour]>([
    ['answers 401', answers.unauthorized],
    ['answers 429', () => answers.busy(7)],
    ['answers 500', answers.broken],
    ['says nothing', 'silent'],
    ['cuts the connection', 'cut'],
  ])('that %s does not change how a backup ends, and is in the log', async (_, behaviour) => {
    const { open, lines } = await setUp(', health: { url: "http://127.0.0.1:9/" }');
    const service = await startService(answers.ok);
    service.next(...Array.from({ length: 20 }, () => behaviour));
    const email = { to: ['ops@example.com'], from: 'backups@example.com' };
    const channels = await openChannels(
      { email },
      { sendGridApiKey: 'SG.right', sendGridBaseUrl: service.url },
      quick,
    );
    const notifier = createNotifier({
      channels,
      locale: 'en',
      now: () => new Date(),
      log: (severity, message, fields) => void lines.push({ severity, message, ...fields }),
    });
    const app = await open({ overrides: { notifier } });
    await expect(app.backup('shop', BACKUP)).rejects.toMatchObject({ code: 'source_unhealthy' });
    expect(service.received.length).toBeGreaterThan(0);
    expect(lines.filter((line) => line['channel'] === 'email-sendgrid')).toMatchObject([
      { severity: 'ERROR' },
    ]);
    expect(JSON.stringify(lines)).not.toContain('SG.right');
  });

  test('that is down when a backup works again does not fail that backup', async () => {
    const world = await setUp(', health: { url: "http://127.0.0.1:9/" }');
    await expect((await world.open()).backup('shop', BACKUP)).rejects.toThrow();
    writeFileSync(
      join(world.cwd, 'lifeboat.yaml'),
      `databases: { shop: { source: shop.db } }\n${world.yaml}`,
    );
    world.mail.next(() => answers.unauthorized());
    expect(await (await world.open()).backup('shop', BACKUP)).toMatchObject({ verdict: 'ok' });
    expect(
      world.lines.filter(
        (line) => line['channel'] === 'email-sendgrid' && line.severity === 'ERROR',
      ),
    ).toHaveLength(1);
  });
});
