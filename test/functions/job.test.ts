import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openApp } from '../../core/app/open.ts';
import type { Publisher } from '../../core/messages/publisher.ts';
import { runJob } from '../../functions/run-job.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { sql, SMALL } from '../support/databases.ts';
import { folder } from '../support/files.ts';

const START = '2026-11-28T03:00:20Z';

/** A job for the database `lake`, which is backed up at three o'clock. */
const world = () => {
  const cwd = folder();
  sql(join(cwd, 'lake.db'), SMALL);
  writeFileSync(
    join(cwd, 'lifeboat.yaml'),
    'databases: { lake: { source: lake.db, schedule: "0 3 * * *", run: job } }\n',
  );
  const lines: { severity: string; message: string; event: unknown }[] = [];
  const clock = { now: new Date(START) };
  const log = (severity: string, message: string, { event }: { event: unknown }) =>
    void lines.push({ severity, message, event });
  const open = () =>
    openApp({
      cwd,
      env: { TMPDIR: cwd },
      log,
      configuredOnly: true,
      overrides: { now: () => clock.now },
    });
  const run = (args: string, env: Record<string, string> = {}, signal?: AbortSignal) =>
    runJob(
      {
        open,
        log,
        env: { CLOUD_RUN_EXECUTION: 'lifeboat-backup-lake-x1', ...env },
        deadlineMs: 60_000,
        signal: signal ?? new AbortController().signal,
      },
      args.split(' '),
    );
  const ids = async () => (await (await open()).list('lake')).map(({ id }) => id);
  return { cwd, clock, lines, open, run, ids };
};

describe('a Cloud Run job', () => {
  test('backs up its database and exits with 0', async () => {
    const { run, ids, lines } = world();
    expect(await run('backup lake')).toBe(0);
    expect(await ids()).toEqual([expect.stringMatching(/^20261128T030000Z-/)]);
    expect(lines.filter(({ severity }) => severity !== 'INFO')).toEqual([]);
  });

  test('makes one backup, however often the schedule or the platform starts it', async () => {
    const { run, ids, clock } = world();
    await run('backup lake');
    // Cloud Scheduler started it twice.
    await run('backup lake', { CLOUD_RUN_EXECUTION: 'lifeboat-backup-lake-x2' });
    // Its machine died after hours, and the platform starts the task again.
    clock.now = new Date('2026-11-28T09:00:00Z');
    await run('backup lake', { CLOUD_RUN_TASK_ATTEMPT: '1' });
    expect(await ids()).toHaveLength(1);
  });

  test('that a person starts makes another backup, and its attempts only one', async () => {
    const { run, ids, clock } = world();
    await run('backup lake');
    clock.now = new Date('2026-11-28T12:00:00Z');
    const byHand = { CLOUD_RUN_EXECUTION: 'lifeboat-backup-lake-x3' };
    await run('backup lake', byHand);
    clock.now = new Date('2026-11-28T14:00:00Z');
    await run('backup lake', { ...byHand, CLOUD_RUN_TASK_ATTEMPT: '1' });
    expect(await ids()).toHaveLength(2);
  });

  test('that a person starts shortly after the schedule makes another backup', async () => {
    const { run, open, clock } = world();
    await run('backup lake');
    clock.now = new Date('2026-11-28T03:20:00Z');
    const byHand = {
      CLOUD_RUN_EXECUTION: 'lifeboat-backup-lake-x3',
      LIFEBOAT_REASON: 'pre-deploy',
    };
    expect(await run('backup lake', byHand)).toBe(0);
    expect(await run('backup lake', { ...byHand, CLOUD_RUN_TASK_ATTEMPT: '1' })).toBe(0);
    const backups = await (await open()).list('lake');
    expect(backups.map(({ reason }) => reason).sort()).toEqual(['pre-deploy', 'schedule']);
  });

  test.each([
    ['manual', 'does not allow requests with the reason manual'],
    ['deploy', 'LIFEBOAT_REASON is deploy, which is not a reason'],
  ])('refuses the reason %s of a person', async (reason, message) => {
    const { run, ids, lines } = world();
    expect(await run('backup lake', { LIFEBOAT_REASON: reason })).toBe(2);
    expect(await ids()).toEqual([]);
    expect(lines).toMatchObject([{ event: 'job', message: expect.stringContaining(message) }]);
  });

  test('does not try again what no retry can help, and exits with the same status', async () => {
    const { cwd, run, lines } = world();
    writeFileSync(join(cwd, 'lake.db'), 'no database');
    expect(await run('backup lake')).toBe(3);
    const runs = () => lines.filter(({ event }) => event === 'run');
    expect(runs()).toHaveLength(1);
    expect(await run('backup lake', { CLOUD_RUN_TASK_ATTEMPT: '1' })).toBe(3);
    expect(runs()).toHaveLength(1);
  });

  test('tries again what a retry may help', async () => {
    const { cwd, run, ids } = world();
    rmSync(join(cwd, 'lake.db'));
    expect(await run('backup lake')).toBe(3);
    sql(join(cwd, 'lake.db'), SMALL);
    expect(await run('backup lake', { CLOUD_RUN_TASK_ATTEMPT: '1' })).toBe(0);
    expect(await ids()).toHaveLength(1);
  });

  test('records its end when the platform ends it', async () => {
    const { run, lines } = world();
    expect(await run('backup lake', {}, AbortSignal.abort())).toBe(130);
    expect(lines.find(({ event }) => event === 'run')?.message).toContain('interrupted');
  });

  test('tests restores, and exits with 5 when one fails', async () => {
    const { cwd, run, ids } = world();
    await run('backup lake');
    expect(await run('restore-test lake')).toBe(0);
    const [id = ''] = await ids();
    rmSync(join(cwd, 'backups', 'databases', 'lake', id), { recursive: true });
    expect(await run('restore-test lake')).toBe(5);
  });

  test.each([
    ['backup shop', 4],
    ['backup *', 2],
    ['prune lake', 2],
    ['', 2],
  ])('refuses the arguments "%s"', async (args, status) => {
    const { run, lines } = world();
    expect(await run(args)).toBe(status);
    expect(lines).toMatchObject([
      { severity: 'ERROR', event: 'job', message: expect.stringContaining('did not start') },
    ]);
  });
});

describe('a message for all databases', () => {
  test.each([
    [{ K_SERVICE: 'lifeboat-backup' }, ['shop']],
    [{}, ['shop', 'lake']],
  ])('leaves those with run: job to their jobs, where there are any (%o)', async (env, names) => {
    const cwd = folder();
    writeFileSync(
      join(cwd, 'lifeboat.yaml'),
      'store: gs://acme\ndatabases:\n  shop: { source: "https://a.example.com/" }\n  lake: { source: "https://b.example.com/", run: job }\n',
    );
    const sent: unknown[] = [];
    const publisher: Publisher = {
      publish: async (_topic, data) => void sent.push(JSON.parse(Buffer.from(data).toString())),
    };
    const overrides = { store: createMemoryStore(), publisher };
    const app = await openApp({ cwd, env: { TMPDIR: cwd, ...env }, overrides });
    const message = { database: '*', reason: 'schedule', kind: 'auto' } as const;
    await app.fanOut('restore-test', message, { id: '1', at: new Date(START) });
    expect(sent).toMatchObject(names.map((database) => ({ database })));
  });
});
