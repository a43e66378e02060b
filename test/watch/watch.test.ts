import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LifeboatError } from '../../core/lib/errors.ts';
import { readOverviewBundle } from '../../core/state/overview-bundle.ts';
import { createDirectoryStore } from '../../core/store/directory/directory.ts';
import { BACKUP } from '../support/app.ts';
import { nightly } from '../support/summaries.ts';
import { alarms, watchWorld as setUp } from '../support/watch-world.ts';

describe('the watch', () => {
  test('reports no problem, pings once, logs one run and alerts nobody when all is well', async () => {
    const { open, pings, lines, counts } = await setUp();
    const app = await open();
    await app.backup('shop', BACKUP);
    lines.length = 0;
    const { findings } = await app.watch();
    expect(alarms({ findings })).toEqual([]);
    expect(findings.map(({ check }) => check)).toEqual(
      expect.arrayContaining([
        'late',
        'runs',
        'inspection',
        'salvage',
        'holds',
        'objects',
        'space',
      ]),
    );
    expect(pings.received.map(({ method }) => method)).toEqual(['GET']);
    expect(lines.filter(({ event }) => event === 'run')).toMatchObject([
      {
        severity: 'INFO',
        operation: 'watch',
        ok: true,
        durationMs: expect.any(Number),
        databases: 1,
        alarms: 0,
      },
    ]);
    expect(counts()).toEqual([0, 0, 0, 0]);
  });

  test('stores the overview of 100 databases and more, after its alerts have changed them', async () => {
    const { cwd, open } = await setUp();
    const states = join(cwd, 'backups', 'state');
    mkdirSync(states, { recursive: true });
    for (let n = 0; n < 100; n += 1) {
      const state = nightly(`other${n}`, new Date(), { backups: 1, runs: 1 });
      writeFileSync(join(states, `other${n}.json`), JSON.stringify(state));
    }
    const app = await open();
    await app.backup('shop', BACKUP);
    await app.watch();
    const store = createDirectoryStore(join(cwd, 'backups'));
    const bundle = await readOverviewBundle(store);
    expect(bundle.size).toBe(101);
    expect(bundle.get('shop')?.generation).toBe((await store.stat('state/shop.json'))?.generation);
  });

  test('alerts once when a backup is late, logs it each time, does not ping, and reports the recovery', async () => {
    const { open, later, pings, lines, notifications, counts } = await setUp();
    await (await open()).backup('shop', BACKUP);
    const app = await open({ overrides: later });
    for (let n = 0; n < 3; n += 1) expect(alarms(await app.watch())).toEqual(['shop late late']);
    expect(counts()).toEqual([1, 1, 1, 1]);
    expect(notifications()).toMatchObject([
      {
        kind: 'late',
        database: 'shop',
        fault: { step: 'late', code: 'stale' },
        lastGood: { id: expect.any(String) },
      },
    ]);
    expect(
      lines.filter(({ event, severity }) => event === 'watch' && severity === 'ERROR'),
    ).toMatchObject(
      Array.from({ length: 3 }, () => ({
        database: 'shop',
        check: 'late',
        hint: expect.any(String),
      })),
    );
    expect(pings.received).toEqual([]);
    await app.backup('shop', BACKUP);
    expect(notifications()[1]).toMatchObject({ kind: 'recovered', database: 'shop' });
    expect(alarms(await app.watch())).toEqual([]);
    expect(counts()).toEqual([2, 2, 2, 2]);
  });

  test('alerts on a database without a backup, and still checks the others', async () => {
    const { open, notifications } = await setUp(['shop', 'notes']);
    const app = await open();
    await app.backup('notes', BACKUP);
    expect(alarms(await app.watch())).toEqual(['shop missing missing']);
    expect(notifications()).toMatchObject([{ kind: 'missing', database: 'shop', lastGood: null }]);
    await app.backup('shop', BACKUP);
    expect(notifications()[1]).toMatchObject({ kind: 'recovered', database: 'shop' });
  });

  test('alerts on a database that is no longer configured, until it is retired', async () => {
    const { open, notifications, cwd } = await setUp(['shop', 'notes']);
    const config = join(cwd, 'lifeboat.yaml');
    const whole = readFileSync(config, 'utf8');
    await (await open()).backup('notes', { ...BACKUP, reason: 'schedule' });
    writeFileSync(config, whole.replace(/, notes: \{[^}]*\}/, ''));
    const app = await open({ overrides: { now: () => new Date(Date.now() + 9 * 86_400_000) } });
    for (let n = 0; n < 2; n += 1)
      expect(alarms(await app.watch())).toEqual(['- unconfigured notes', 'shop missing missing']);
    const ofStore = () => notifications().filter(({ database }) => database !== 'shop');
    expect(ofStore()).toMatchObject([
      { kind: 'watch-alarm', fault: { step: 'unconfigured', code: 'stale' } },
    ]);
    await app.retire('notes');
    expect(alarms(await app.watch())).toEqual(['shop missing missing']);
    expect(ofStore()[1]).toMatchObject({ kind: 'recovered' });
  });

  test('alerts once on a run that died, together with the run that closes it', async () => {
    const { open, notifications, cwd } = await setUp();
    const app = await open();
    await app.backup('shop', BACKUP);
    const store = createDirectoryStore(join(cwd, 'backups'));
    const run = '20261101T030000Z-00000000-00000000';
    const started = {
      run,
      operation: 'backup',
      startedAt: new Date(Date.now() - 1e9).toISOString(),
      deadlineMs: 1000,
    };
    await store.create(`runs/shop/${run}/started.json`, Buffer.from(JSON.stringify(started)));
    expect(alarms(await app.watch())).toEqual([`shop runs ${run}`]);
    expect(alarms(await app.watch())).toEqual([`shop runs ${run}`]);
    await app.backup('shop', BACKUP);
    expect(notifications()).toMatchObject([
      { kind: 'failed', fault: { step: 'run' }, run },
      { kind: 'recovered' },
    ]);
    expect(globSync(join(cwd, `backups/runs/shop/${run}/*.json`))).toHaveLength(2);
  });

  test('alerts on missing objects', async () => {
    const { open, notifications, cwd } = await setUp();
    const app = await open();
    await app.backup('shop', BACKUP);
    rmSync(globSync(join(cwd, 'backups/databases/shop/*/*/*.zst'))[0] ?? '');
    expect(alarms(await app.watch())).toEqual(['shop objects object']);
    expect(notifications()).toMatchObject([
      { kind: 'watch-alarm', database: 'shop', fault: { step: 'objects' } },
    ]);
  });

  test('alerts once for the store, not per database, when the store is short of space', async () => {
    const { open, notifications } = await setUp(['shop', 'notes']);
    const well = await open();
    for (const name of ['shop', 'notes']) await well.backup(name, BACKUP);
    const space = {
      memory: () => undefined,
      filesInMemory: false,
      free: async () => Infinity,
      // Of the store: the temporary folder has room.
      volume: async (path: string) =>
        path.endsWith('backups') ? { free: 1, total: 2 ** 30 } : undefined,
      reserve: { share: 0.1 },
    };
    const app = await open({ overrides: { space } });
    expect(alarms(await app.watch())).toEqual(['- space low']);
    await app.backup('shop', BACKUP);
    expect(notifications().map(({ kind }) => kind)).toEqual(['space-low']);
    expect((await app.status({ fromSummaries: true })).databases.map(({ name }) => name)).toEqual([
      'notes',
      'shop',
    ]);
  });

  test('alerts on a copy that lacks a backup, until the next backup copies it', async () => {
    const { open, notifications, cwd } = await setUp(['shop'], 'copies: [copy]\n');
    const app = await open();
    await app.backup('shop', BACKUP);
    rmSync(globSync(join(cwd, 'copy/databases/shop/*/manifest.json'))[0] ?? '');
    expect(alarms(await app.watch())).toEqual([`shop copies ${join(cwd, 'copy')}`]);
    await app.backup('shop', BACKUP);
    expect(notifications().map(({ kind }) => kind)).toEqual(['copy-failing', 'recovered']);
  });

  test('finds a fault for the store and each database, alerts once and does not throw when the store is down', async () => {
    const { open, notifications, lines, cwd } = await setUp(['shop', 'notes']);
    const store = createDirectoryStore(join(cwd, 'backups'));
    const down = () =>
      Promise.reject(
        new LifeboatError('store_unreachable', 'the store does not answer', 'It is a fake.'),
      );
    const dead = {
      ...store,
      stat: down,
      replace: down,
      // oxlint-disable-next-line require-yield
      async *list() {
        throw new LifeboatError('store_unreachable', 'the store does not answer', 'It is a fake.');
      },
    };
    const app = await open({ overrides: { store: dead } });
    for (let n = 0; n < 2; n += 1)
      expect(alarms(await app.watch())).toEqual(
        ['-', 'shop', 'notes'].map((name) => `${name} store store_unreachable`),
      );
    expect(notifications()).toMatchObject([{ kind: 'watch-alarm', fault: { step: 'store' } }]);
    expect(
      lines.filter(({ event, operation }) => event === 'run' && operation === 'watch'),
    ).toMatchObject([{ ok: false, alarms: 3 }, { ok: false }]);
  });

  test('finds a fault in a configuration without a database', async () => {
    const { open, pings } = await setUp([]);
    expect(alarms(await (await open()).watch())).toEqual(['- missing config_invalid']);
    expect(pings.received).toEqual([]);
  });

  test('only warns, without the secret URL, when the ping fails', async () => {
    const { open, pings, lines } = await setUp();
    const app = await open();
    await app.backup('shop', BACKUP);
    pings.next(() => ({ status: 404 }));
    expect(alarms(await app.watch())).toEqual([]);
    expect(lines.filter(({ event }) => event === 'ping')).toMatchObject([
      { severity: 'WARNING', message: expect.stringContaining('it answered 404') },
    ]);
    expect(JSON.stringify(lines)).not.toContain('secret-of-the-switch');
  });

  test('sends the alert of a process that died while notifying', async () => {
    const { open, notifications } = await setUp(['shop']);
    await (await open()).backup('shop', BACKUP);
    const silent = {
      channels: ['slack'],
      notify: async () => [{ channel: 'slack', ok: false, durationMs: 1 }],
    };
    await (await open({ overrides: { notifier: silent } })).restoreTest(undefined, {});
    await (await open({ overrides: { now: () => new Date(Date.now() + 1_000_000) } })).watch();
    expect(notifications()).toMatchObject([
      { kind: 'restore-test-passed', databases: [{ database: 'shop', ok: true }] },
    ]);
  });
});
