import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { RESTORE } from '../support/app.ts';
import { sha256 } from '../support/files.ts';
import { plan } from '../fakes/gcs-server/faults.ts';
import { emulatorJar, startEmulator } from './emulator.ts';
import { startSystem } from './system.ts';

const jar = emulatorJar();
const SLOW = { timeout: 360_000 };

// Needs Java and the Pub/Sub emulator of the Google Cloud SDK. `npm run test:e2e` says so when they are missing.
describe.skipIf(jar === undefined)('Pub/Sub, the functions and the bucket', SLOW, () => {
  let emulator: Awaited<ReturnType<typeof startEmulator>>;
  beforeAll(async () => {
    emulator = await startEmulator(jar ?? '');
  }, 120_000);
  afterAll(() => emulator.stop(), 60_000);

  const start = async (names: readonly string[] = ['notes']) => {
    const system = await startSystem(emulator.host, names);
    onTestFinished(() => system.stop(), 60_000);
    return system;
  };
  const runs = ({ log }: Awaited<ReturnType<typeof start>>) =>
    log.filter(({ event }) => event === 'run');

  test('a published message becomes a backup in the bucket, and restores', SLOW, async () => {
    const system = await start();
    await system.subscribe();
    await system.publish({ database: 'notes', reason: 'schedule' });
    await expect.poll(() => runs(system).length, { timeout: 60_000 }).toBe(1);
    expect(runs(system)).toMatchObject([{ ok: true, database: 'notes' }]);
    const [backup] = await system.app.list('notes');
    const restored = await system.app.restore('notes', { ...RESTORE, to: 'restored.db' });
    expect([restored.id, sha256(join(system.cwd, 'restored.db'))]).toEqual([
      backup?.id,
      backup?.sha256,
    ]);
    expect(system.log.filter(({ severity }) => severity === 'ERROR')).toEqual([]);
  });

  test('a message whose run failed is delivered again and becomes one backup', SLOW, async () => {
    const system = await start();
    // The commit itself is refused twice, with a response that does not mention a retry.
    system.bucket.faults = plan([
      {
        kind: ['insert', 'session'],
        name: 'manifest.json',
        fault: { type: 'status', status: 500 },
        times: 40,
      },
    ]);
    await system.subscribe();
    await system.publish({ database: 'notes' });
    await expect
      .poll(() => runs(system).some(({ ok }) => ok === false), { timeout: 240_000 })
      .toBe(true);
    system.bucket.faults = undefined;
    await expect
      .poll(() => runs(system).some(({ ok }) => ok === true), { timeout: 60_000 })
      .toBe(true);
    expect(await system.app.list('notes')).toHaveLength(1);
  });

  test(
    'a message whose run exceeds the acknowledgement deadline is delivered again and becomes one backup',
    SLOW,
    async () => {
      const system = await start();
      system.bucket.faults = (call) =>
        call.kind === 'insert' && call.name.endsWith('started.json')
          ? { type: 'slow', ms: 14_000 }
          : undefined;
      await system.subscribe({ ackDeadlineSeconds: 10 });
      await system.publish({ database: 'notes' });
      const started = () =>
        system.bucket.calls.filter(
          ({ name, kind }) => kind === 'insert' && name.endsWith('started.json'),
        ).length;
      await expect.poll(started, { timeout: 60_000 }).toBeGreaterThan(1);
      await expect.poll(() => runs(system).length, { timeout: 60_000 }).toBeGreaterThan(1);
      expect(await system.app.list('notes')).toHaveLength(1);
      expect((await system.app.verify('notes', { readData: true })).backups).toMatchObject([
        { ok: true },
      ]);
    },
  );

  test(
    'a message that always fails becomes a dead letter after five deliveries',
    SLOW,
    async () => {
      const system = await start();
      system.bucket.faults = plan([
        {
          kind: ['insert', 'session'],
          name: 'runs/',
          fault: { type: 'status', status: 404 },
          times: null,
        },
      ]);
      const arrived: string[] = [];
      system.letters.on('message', (message) => {
        arrived.push(message.data.toString());
        message.ack();
      });
      await system.subscribe();
      await system.publish({ database: 'notes' });
      await expect
        .poll(() => arrived, { timeout: 120_000 })
        .toEqual([JSON.stringify({ database: 'notes' })]);
      expect(runs(system).every(({ ok }) => ok === false)).toBe(true);
      expect(await system.app.list('notes')).toEqual([]);
    },
  );

  test('an invalid message is dropped with an error and not delivered again', SLOW, async () => {
    const system = await start();
    await system.subscribe();
    await system.publish({ databse: 'notes' });
    await system.publish({ database: 'notes' });
    await expect.poll(() => runs(system).length, { timeout: 60_000 }).toBe(1);
    expect(system.log.filter(({ severity }) => severity === 'ERROR')).toMatchObject([
      { code: 'usage' },
    ]);
  });

  test('* backs up each of 50 databases once', { timeout: 600_000 }, async () => {
    const names = Array.from({ length: 50 }, (_, n) => `db${String(n).padStart(2, '0')}`);
    const system = await start(names);
    await system.subscribe();
    await system.publish({ database: '*', reason: 'schedule' });
    await expect
      .poll(() => runs(system).length, { timeout: 500_000, interval: 1000 })
      .toBeGreaterThanOrEqual(50);
    const backups = await system.app.list();
    expect(backups.map(({ database }) => database).sort()).toEqual(names);
    expect(system.exit()).toBeNull();
  });
});
