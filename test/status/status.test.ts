import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startScheduler, type FakeJob } from '../fakes/scheduler-server.ts';
import { testApp } from '../support/app.ts';
import { folder } from '../support/files.ts';
import { BUCKET, gcsServer } from '../support/gcs.ts';
import { nightly, putSummaries } from '../support/summaries.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
const NIGHT = new Date('2026-11-24T03:00:05Z');
const PARENT = 'projects/acme/locations/southamerica-east1';
const scheduleTime = { seconds: Date.parse('2026-11-25T03:02:00Z') / 1000 };

type World = {
  names: readonly string[];
  schedule?: boolean;
  run?: string;
  jobs?: Record<string, FakeJob>;
};
const world = async ({ names, schedule = true, run = 'function', jobs }: World) => {
  const cwd = folder();
  const server = await gcsServer();
  const scheduler = jobs && (await startScheduler(PARENT, jobs));
  const databases = names.map(
    (name) =>
      `  ${name}: { source: gs://files/${name}.db${schedule ? ', schedule: "0 3 * * *"' : ''}, run: ${run} }\n`,
  );
  writeFileSync(
    join(cwd, 'lifeboat.yaml'),
    `store: gs://${BUCKET}\ndatabases:\n${databases.join('')}`,
  );
  const warnings: string[] = [];
  const app = await testApp({
    cwd,
    configuredOnly: true,
    env: {
      TMPDIR: cwd,
      LIFEBOAT_GCS_ENDPOINT: server.as('status'),
      ...(scheduler
        ? {
            GOOGLE_CLOUD_PROJECT: 'acme',
            LIFEBOAT_SCHEDULER_LOCATION: 'southamerica-east1',
            LIFEBOAT_SCHEDULER_ENDPOINT: scheduler.endpoint,
          }
        : {}),
    },
    overrides: { now: () => NOW },
    log: (severity, message) => void (severity === 'WARNING' && warnings.push(message)),
  });
  return { server, scheduler, warnings, app, status: () => app.status({ fromSummaries: true }) };
};

describe('the status', () => {
  test('of 130 databases takes one request for each, no more than 64 at once, and one list each of the bucket and of Cloud Scheduler', async () => {
    const names = Array.from({ length: 130 }, (_, n) => `db${String(n).padStart(3, '0')}`);
    const jobs = Object.fromEntries(
      names.map((name) => [`lifeboat-backup-${name}`, { schedule: '0 3 * * *', scheduleTime }]),
    );
    const { server, scheduler, status } = await world({ names, jobs });
    await putSummaries(
      server,
      names.map((name) => nightly(name, NIGHT)),
    );
    // The first call also loads the client of Cloud Scheduler, which a busy machine may not do in time.
    await status();
    scheduler?.asked.splice(0);
    let [open, most] = [0, 0];
    server.faults = ({ kind }) => {
      if (kind !== 'download') return undefined;
      most = Math.max(most, (open += 1));
      setTimeout(() => (open -= 1), 20);
      return { type: 'slow', ms: 20 };
    };
    server.reset();
    const { databases, condition, version, at } = await status();
    expect([version, at, condition, databases.length]).toEqual([1, NOW.toISOString(), 'good', 130]);
    expect(databases.map(({ name }) => name)).toEqual(names);
    expect(server.calls.filter(({ kind }) => kind === 'list')).toHaveLength(1);
    expect(
      server.calls
        .filter(({ kind }) => kind !== 'list')
        .map(({ kind, name }) => `${kind} ${name}`)
        .sort(),
    ).toEqual(names.map((name) => `download state/${name}.json`));
    expect(most).toBeGreaterThan(16);
    expect(most).toBeLessThanOrEqual(64);
    expect(scheduler?.asked).toEqual([`${PARENT}/jobs?pageSize=500&pageToken=`]);
  });

  test('knows what is configured and has no summary, and what has one and is not configured', async () => {
    const { server, status, app } = await world({ names: ['shop', 'new'] });
    await putSummaries(server, [nightly('shop', NIGHT), nightly('old', NIGHT)]);
    const { databases, condition } = await status();
    expect(databases.map(({ name, reasons }) => [name, ...reasons])).toEqual([
      ['new', 'missing'],
      ['old', 'not-configured'],
      ['shop'],
    ]);
    expect(condition).toBe('missing');
    expect((await app.statusOf('new', { fromSummaries: true })).history).toEqual([]);
    for (const name of ['nobody', '../state/shop', '__proto__', '', 'x'.repeat(64), '<script>'])
      await expect(app.statusOf(name, { fromSummaries: true })).rejects.toMatchObject({
        code: 'not_found',
      });
  });

  test('is not stopped by a summary that was damaged', async () => {
    const { server, status } = await world({ names: ['shop', 'wiki'] });
    await putSummaries(server, [nightly('shop', NIGHT), nightly('wiki', NIGHT)]);
    server.faults = ({ kind, name }) =>
      kind === 'download' && name === 'state/shop.json' ? { type: 'corrupt' } : undefined;
    expect((await status()).databases).toMatchObject([
      { name: 'shop', reasons: ['missing'] },
      { name: 'wiki', reasons: [] },
    ]);
  });

  test('tells the figures of a database, and its history with rows by table', async () => {
    const { server, status, app } = await world({ names: ['shop'] });
    const state = nightly('shop', NIGHT);
    await putSummaries(server, [state]);
    const [shop] = (await status()).databases;
    const expected = {
      name: 'shop',
      condition: 'good',
      reasons: [],
      lastBackup: state.backups[0],
      lastFailure: null,
      lastRestoreTest: state.lastRestoreTest,
      nextBackup: '2026-11-25T03:00:00.000Z',
      nextFrom: 'configuration',
      runsIn: null,
      lastScheduled: state.backups[0]?.takenAt,
      fresh: true,
      backups: 37,
      storedBytes: 37 * 1_204_882,
      oldestBackup: '2026-10-19T03:00:05.000Z',
      keptUntil: '2026-12-08T03:00:05.000Z',
      lastBackupMs: 9000,
      failedRuns: { backup: 0, 'restore-test': 0 },
      runs: state.runs,
    };
    expect(shop).toEqual(expected);
    server.reset();
    const detail = await app.statusOf('shop', { fromSummaries: true });
    expect(server.calls.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'download state/shop.json',
    ]);
    const { history, manifest, ...rest } = detail;
    expect(rest).toEqual({ version: 1, at: NOW.toISOString(), ...expected });
    expect([history.length, manifest]).toEqual([37, null]);
    expect(history[0]?.rows).toMatchObject({ auth_user: 1000, django_migrations: 6000 });
  });

  test.each<[string, FakeJob | undefined, string | null, string | null, string[]]>([
    [
      'enabled',
      { schedule: '0 3 * * *', scheduleTime },
      '2026-11-25T03:02:00.000Z',
      'cloud-scheduler',
      [],
    ],
    [
      'paused',
      { schedule: '0 3 * * *', scheduleTime, state: 'PAUSED' },
      null,
      null,
      ['schedule-paused'],
    ],
    ['missing', undefined, null, null, ['schedule-paused']],
  ])('tells the next backup by a job that is %s', async (_, job, nextBackup, nextFrom, reasons) => {
    const { server, status, app } = await world({
      names: ['shop'],
      jobs: job ? { 'lifeboat-backup-shop': job } : {},
    });
    await putSummaries(server, [nightly('shop', NIGHT)]);
    expect((await status()).databases).toMatchObject([
      { nextBackup, nextFrom, reasons, fresh: true },
    ]);
    expect(await app.statusOf('shop', { fromSummaries: true })).toMatchObject({
      nextBackup,
      nextFrom,
      reasons,
    });
  });

  test.each(['function', 'http', 'job'])(
    'says that a deployment runs the backups in: %s',
    async (run) => {
      const jobs = { 'lifeboat-backup-shop': { schedule: '0 3 * * *' } };
      const { server, status } = await world({ names: ['shop'], run, jobs });
      await putSummaries(server, [nightly('shop', NIGHT)]);
      expect((await status()).databases).toMatchObject([{ runsIn: run }]);
    },
  );

  test.each(['refuses', 'does not answer'])(
    'goes by the configuration, and says that it does not know, when Cloud Scheduler %s',
    async (fault) => {
      const { server, scheduler, status, warnings } = await world({ names: ['shop'], jobs: {} });
      await putSummaries(server, [nightly('shop', NIGHT)]);
      if (scheduler)
        Object.assign(
          scheduler,
          fault === 'refuses' ? { failing: { code: 7, details: 'denied' } } : { silent: true },
        );
      expect((await status()).databases).toMatchObject([
        {
          nextBackup: '2026-11-25T03:00:00.000Z',
          nextFrom: 'configuration',
          reasons: ['schedule-unknown'],
        },
      ]);
      expect(warnings).toEqual([
        expect.stringContaining('using the schedules of lifeboat.yaml for the next backups'),
      ]);
    },
  );

  test('asks Cloud Scheduler nothing where nothing has a schedule', async () => {
    const { server, scheduler, status } = await world({
      names: ['shop'],
      schedule: false,
      jobs: {},
    });
    await putSummaries(server, [nightly('shop', NIGHT)]);
    expect((await status()).databases).toMatchObject([
      { nextBackup: null, nextFrom: null, reasons: [] },
    ]);
    expect(scheduler?.asked).toEqual([]);
  });
});
