import { describe, expect, onTestFinished, test } from 'vitest';
import { openCloudScheduler } from '../../core/google/scheduler.ts';
import { startScheduler } from '../fakes/scheduler-server.ts';

const PARENT = 'projects/acme/locations/southamerica-east1';
const open = async (...[jobs = {}]: [Parameters<typeof startScheduler>[1]?]) => {
  const server = await startScheduler(PARENT, jobs);
  const schedules = openCloudScheduler({
    projectId: 'acme',
    location: 'southamerica-east1',
    prefix: 'lifeboat-',
    endpoint: server.endpoint,
  });
  onTestFinished(() => schedules.close());
  return { server, schedules };
};

describe('the schedules of Cloud Scheduler', () => {
  test('are asked for by their exact names', async () => {
    const { server, schedules } = await open({
      'lifeboat-watch': { schedule: '15 * * * *', timeZone: 'America/Sao_Paulo' },
    });
    expect(await schedules.job('lifeboat-watch')).toEqual({
      state: 'enabled',
      code: 0,
      message: '',
      schedule: '15 * * * *',
      timeZone: 'America/Sao_Paulo',
      uri: '',
      method: '',
      account: '',
      audience: '',
      topic: 'projects/acme/topics/lifeboat-watch',
      data: Buffer.from('{"database":"*","kind":"auto","reason":"schedule"}'),
      next: null,
    });
    expect(server.asked).toEqual([`${PARENT}/jobs/lifeboat-watch`]);
  });

  test.each([
    ['PAUSED', 'paused'],
    ['DISABLED', 'disabled'],
    ['UPDATE_FAILED', 'update-failed'],
  ] as const)('that are %s are %s', async (state, told) => {
    const { schedules } = await open({
      job: { schedule: '0 3 * * *', state, status: { code: 7, message: 'no right to publish' } },
    });
    expect(await schedules.job('job')).toMatchObject({
      state: told,
      code: 7,
      message: 'no right to publish',
    });
  });

  test('that do not exist are undefined', async () => {
    const { schedules } = await open();
    expect(await schedules.job('lifeboat-watch')).toBeUndefined();
  });

  test.each([
    [7, 'store_denied', 'cloudscheduler.jobs.get'],
    [9, 'store_unreachable', 'tries again'],
  ])('that answer with code %i are %s', async (code, told, hint) => {
    const { server, schedules } = await open();
    server.failing = { code, details: 'no' };
    await expect(schedules.job('x')).rejects.toMatchObject({
      code: told,
      hint: expect.stringContaining(hint),
    });
  });

  test.each([8, 13, 14])('are asked again when one call ends with code %i', async (code) => {
    const { server, schedules } = await open({ x: { schedule: '0 3 * * *' } });
    Object.assign(server, { failing: { code, details: 'no' }, failures: 1 });
    expect(await schedules.job('x')).toMatchObject({ state: 'enabled' });
    server.failures = 1;
    expect([...(await schedules.jobs(5000)).keys()]).toEqual([]);
    expect(server.asked).toHaveLength(4);
  });

  test('are asked again after the connection was ended', async () => {
    const { schedules } = await open({ x: { schedule: '0 3 * * *' } });
    await schedules.job('x');
    await schedules.close();
    expect(await schedules.job('x')).toMatchObject({ state: 'enabled' });
  });

  test('are listed page by page: those with the prefix, with the time that each runs next', async () => {
    const names = Array.from({ length: 5 }, (_, n) => `lifeboat-backup-db${n}`);
    const scheduleTime = { seconds: Date.parse('2026-11-25T06:00:00Z') / 1000 };
    const { server, schedules } = await open({
      ...Object.fromEntries(names.map((name) => [name, { schedule: '0 3 * * *', scheduleTime }])),
      'lifeboat-backup-paused': { schedule: '0 3 * * *', state: 'PAUSED', scheduleTime },
      other: { schedule: '0 3 * * *' },
    });
    server.pageSize = 3;
    const jobs = await schedules.jobs(5000);
    expect([...jobs.keys()]).toEqual([...names, 'lifeboat-backup-paused']);
    expect(jobs.get('lifeboat-backup-db4')).toMatchObject({
      state: 'enabled',
      next: '2026-11-25T06:00:00.000Z',
    });
    expect(jobs.get('lifeboat-backup-paused')).toMatchObject({ state: 'paused', next: null });
    expect(server.asked).toEqual(
      ['', '3', '6'].map((token) => `${PARENT}/jobs?pageSize=500&pageToken=${token}`),
    );
  });

  test.each([
    [7, 'store_denied', 'cloudscheduler.jobs.list'],
    [14, 'store_unreachable', 'tries again'],
  ])('that cannot be listed, with code %i, are %s', async (code, told, hint) => {
    const { server, schedules } = await open();
    server.failing = { code, details: 'no' };
    await expect(schedules.jobs(300)).rejects.toMatchObject({
      code: told,
      hint: expect.stringContaining(hint),
    });
  });

  test('that never answer are given up', async () => {
    const { server, schedules } = await open();
    server.silent = true;
    await expect(schedules.jobs(200)).rejects.toMatchObject({ code: 'store_unreachable' });
  });
});

test('a job that calls an address has its method, its account and the audience of its token', async () => {
  const body = Buffer.from('{}');
  const account = 'lifeboat-schedule@acme.iam.gserviceaccount.com';
  const { schedules } = await open({
    call: {
      schedule: '0 3 * * *',
      httpTarget: {
        uri: 'https://a.run.app',
        httpMethod: 'POST',
        body,
        oidcToken: { serviceAccountEmail: account, audience: 'https://b.run.app' },
      },
    },
    start: {
      schedule: '0 3 * * *',
      httpTarget: {
        uri: 'https://run.googleapis.com/x:run',
        httpMethod: 'GET',
        body,
        oauthToken: { serviceAccountEmail: account },
      },
    },
  });
  expect(await schedules.job('call')).toMatchObject({
    uri: 'https://a.run.app',
    method: 'POST',
    account,
    audience: 'https://b.run.app',
  });
  expect(await schedules.job('start')).toMatchObject({ method: 'GET', account, audience: '' });
});
