import { describe, expect, test } from 'vitest';
import { startScheduler, type FakeJob } from '../fakes/scheduler-server.ts';
import { BACKUP } from '../support/app.ts';
import { BUCKET, gcsServer } from '../support/gcs.ts';
import { alarms, watchWorld as setUp } from '../support/watch-world.ts';

const PARENT = 'projects/acme/locations/southamerica-east1';

describe('the watch of Cloud Scheduler', () => {
  const good = (): Record<string, FakeJob> => ({
    'lifeboat-backup-shop': { schedule: '0 3 * * *' },
    'lifeboat-restore-test': { schedule: '0 5 1 * *' },
    'lifeboat-watch': { schedule: '15 * * * *' },
  });
  const env = (endpoint: string) => ({
    GOOGLE_CLOUD_PROJECT: 'acme',
    LIFEBOAT_SCHEDULER_LOCATION: 'southamerica-east1',
    LIFEBOAT_SCHEDULER_PREFIX: 'lifeboat-',
    LIFEBOAT_SCHEDULER_ENDPOINT: endpoint,
  });

  test('compares what a job calls with the place of the backups', async () => {
    const { open } = await setUp(['shop'], '', ', run: job');
    const uri = (name: string) =>
      `https://run.googleapis.com/v2/projects/acme/locations/southamerica-east1/jobs/${name}:run`;
    const calls = (name: string, schedule: string): FakeJob => ({
      schedule,
      httpTarget: { uri: uri(name), body: Buffer.alloc(0) },
    });
    const scheduler = await startScheduler(PARENT, {
      ...good(),
      'lifeboat-backup-shop': calls('lifeboat-backup-shop', '0 3 * * *'),
      'lifeboat-restore-test-shop': calls('lifeboat-restore-test-wiki', '0 5 1 * *'),
    });
    const app = await open({}, env(scheduler.endpoint));
    await app.backup('shop', BACKUP);
    expect(alarms(await app.watch())).toEqual(['shop schedule lifeboat-restore-test-shop target']);
  });

  test.each<[string, (jobs: Record<string, FakeJob>) => void, string, string]>([
    [
      'paused',
      (jobs) => Object.assign(jobs['lifeboat-backup-shop'] ?? {}, { state: 'PAUSED' }),
      'shop',
      'lifeboat-backup-shop paused',
    ],
    ['missing', (jobs) => delete jobs['lifeboat-watch'], '-', 'lifeboat-watch missing'],
    [
      'changed',
      (jobs) => Object.assign(jobs['lifeboat-backup-shop'] ?? {}, { schedule: '0 4 * * *' }),
      'shop',
      'lifeboat-backup-shop cron',
    ],
    [
      'moved',
      (jobs) => Object.assign(jobs['lifeboat-restore-test'] ?? {}, { timeZone: 'Asia/Tokyo' }),
      '-',
      'lifeboat-restore-test time zone',
    ],
    [
      'pointed at another topic',
      (jobs) =>
        Object.assign(jobs['lifeboat-backup-shop'] ?? {}, {
          pubsubTarget: { topicName: 'projects/acme/topics/other', data: Buffer.from('{}') },
        }),
      'shop',
      'lifeboat-backup-shop topic',
    ],
    [
      'changed to another message',
      (jobs) =>
        Object.assign(jobs['lifeboat-backup-shop'] ?? {}, {
          pubsubTarget: {
            topicName: 'projects/acme/topics/lifeboat-backup',
            data: Buffer.from('{"database":"wiki"}'),
          },
        }),
      'shop',
      'lifeboat-backup-shop message',
    ],
    [
      'failing',
      (jobs) =>
        Object.assign(jobs['lifeboat-watch'] ?? {}, { status: { code: 7, message: 'denied' } }),
      '-',
      'lifeboat-watch failing',
    ],
  ])('alerts on a job that is %s, and reports its recovery', async (_, change, database, about) => {
    const { open, notifications } = await setUp();
    const server = await startScheduler(PARENT, good());
    const app = await open({}, env(server.endpoint));
    await app.backup('shop', BACKUP);
    expect(alarms(await app.watch())).toEqual([]);
    change(server.jobs);
    expect(alarms(await app.watch())).toEqual([`${database} schedule ${about}`]);
    server.jobs = good();
    expect(alarms(await app.watch())).toEqual([]);
    expect(notifications()).toMatchObject([
      {
        kind: 'watch-alarm',
        fault: { step: 'schedule', message: expect.stringContaining(about.split(' ')[0] ?? '') },
      },
      { kind: 'recovered' },
    ]);
  });

  test('finds one fault when it has no right to read the jobs', async () => {
    const { open } = await setUp();
    const server = await startScheduler(PARENT, good());
    const app = await open({}, env(server.endpoint));
    await app.backup('shop', BACKUP);
    server.failing = { code: 7, details: 'denied' };
    expect(alarms(await app.watch())).toEqual(['- schedule store_denied']);
  });
});

describe('the watch of a bucket', () => {
  test('works with the rights of its identity, and alerts on a changed lifecycle rule', async () => {
    const server = await gcsServer();
    const { open, notifications } = await setUp(['shop']);
    const store = `gs://${BUCKET}`;
    const as = (url: string) => open({ store }, { LIFEBOAT_GCS_ENDPOINT: url });
    await (await as(server.as('backup'))).backup('shop', BACKUP);
    const watching = await as(server.as('watch'));
    server.reset();
    expect(alarms(await watching.watch())).toEqual([]);
    const rule = { action: { type: 'Delete' }, condition: { age: 30 } };
    Object.assign(server.bucket(BUCKET).settings, { lifecycle: { rule: [rule] } });
    const found = alarms(await watching.watch());
    expect(found.length).toBeGreaterThan(1);
    expect(found.every((each) => each.startsWith('- bucket'))).toBe(true);
    expect(notifications()).toMatchObject([
      {
        kind: 'watch-alarm',
        fault: { step: 'bucket', message: expect.stringContaining('"age":30') },
      },
    ]);
    // A problem that grows is reported at once, not after a day.
    const another = { action: { type: 'Delete' }, condition: { age: 5 } };
    Object.assign(server.bucket(BUCKET).settings, { lifecycle: { rule: [rule, another] } });
    for (let n = 0; n < 2; n += 1) await watching.watch();
    expect(notifications()).toMatchObject([
      {},
      { kind: 'watch-alarm', fault: { message: expect.stringContaining('"age":5}') } },
    ]);
  });
});
