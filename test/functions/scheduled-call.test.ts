import { describe, expect, test } from 'vitest';
import { scheduledTime } from '../../functions/scheduled-call.ts';
import { serveFunctions } from '../support/functions.ts';

const ACCOUNT = 'lifeboat-schedule@acme.iam.gserviceaccount.com';
const token = (claims: unknown): string =>
  `Bearer e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.SIGNATURE_REMOVED_BY_GOOGLE`;
const NOW = new Date('2026-11-28T03:00:05Z');
const fromScheduler = (more: Record<string, string> = {}) => ({
  authorization: token({ email: ACCOUNT }),
  'x-cloudscheduler-scheduletime': '2026-11-28T03:00:00Z',
  ...more,
});

describe('a call by Cloud Scheduler', () => {
  test('has the time of the schedule', () => {
    expect(scheduledTime(fromScheduler(), ACCOUNT, NOW)?.toISOString()).toBe(
      '2026-11-28T03:00:00.000Z',
    );
  });

  test.each([
    ['without a time', { 'x-cloudscheduler-scheduletime': '' }],
    ['with no time at all', { 'x-cloudscheduler-scheduletime': 'soon' }],
    ['with a time in another year', { 'x-cloudscheduler-scheduletime': '2027-11-28T03:00:00Z' }],
  ])('%s has the time of now', (_, more) => {
    expect(scheduledTime(fromScheduler(more), ACCOUNT, NOW)).toBe(NOW);
  });

  test.each<[string, Record<string, string>, string | undefined]>([
    [
      'another account',
      { authorization: token({ email: 'ci@acme.iam.gserviceaccount.com' }) },
      ACCOUNT,
    ],
    ['no account', { authorization: token({}) }, ACCOUNT],
    ['a list of accounts', { authorization: token({ email: [ACCOUNT] }) }, ACCOUNT],
    ['a token that is no JSON', { authorization: 'Bearer a.b.c' }, ACCOUNT],
    ['a password', { authorization: 'Basic YTpi' }, ACCOUNT],
    ['no token', { authorization: '' }, ACCOUNT],
    // Cloud Run then checks that header, and passes on whatever is in Authorization.
    ['a token that nobody checked', { 'x-serverless-authorization': 'Bearer x.y.z' }, ACCOUNT],
    ['a host, where no account is known', {}, undefined],
    ['a host with an empty account', { authorization: token({ email: '' }) }, ''],
  ])('is not one with %s', (_, more, account) => {
    expect(scheduledTime(fromScheduler(more), account, NOW)).toBe(undefined);
  });
});

describe('the function backup-now, called by Cloud Scheduler', () => {
  const body = { database: 'notes', reason: 'schedule', kind: 'auto' };
  const slot = () => new Date(Math.floor(Date.now() / 60_000) * 60_000).toISOString();

  test('makes one scheduled backup for each time of the schedule', async () => {
    const { order, app } = await serveFunctions({ scheduler: ACCOUNT });
    const headers = fromScheduler({ 'x-cloudscheduler-scheduletime': slot() });
    const answers = [await order(body, headers), await order(body, headers)];
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(await (await app()).list('notes')).toMatchObject([{ reason: 'schedule' }]);
  });

  test('answers 200 to a failure that no retry can help, so that Cloud Scheduler does not repeat it', async () => {
    const { order, lines } = await serveFunctions({
      scheduler: ACCOUNT,
      names: ['notes'],
      more: '',
      broken: 'notes',
    });
    const answer = await order(body, fromScheduler({ 'x-cloudscheduler-scheduletime': slot() }));
    expect([answer.status, await answer.json()]).toMatchObject([
      200,
      { ok: false, error: { code: 'source_invalid' } },
    ]);
    expect(
      lines.filter(({ event, severity }) => event === 'run' && severity === 'ERROR'),
    ).toHaveLength(1);
  });

  test.each([
    ['another reason', { ...body, reason: 'manual' }],
    ['the guard switched off', { ...body, accept: true }],
  ])('refuses %s', async (_, wrong) => {
    const { order, app } = await serveFunctions({
      scheduler: ACCOUNT,
      more: 'backupNow: { accept: true, reasons: [manual, schedule] }\n',
    });
    const answer = await order(wrong, fromScheduler({ 'x-cloudscheduler-scheduletime': slot() }));
    expect(answer.status).toBe(400);
    expect(await (await app()).list('notes')).toEqual([]);
  });

  test('lets no other caller make a scheduled backup', async () => {
    const { order, app } = await serveFunctions({ scheduler: ACCOUNT });
    const answer = await order(body, {
      ...fromScheduler(),
      authorization: token({ email: 'ci@acme.iam.gserviceaccount.com' }),
    });
    expect([answer.status, await answer.json()]).toMatchObject([400, { code: 'usage' }]);
    expect(await (await app()).list('notes')).toEqual([]);
  });
});
