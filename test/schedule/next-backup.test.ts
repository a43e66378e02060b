import { describe, expect, test } from 'vitest';
import { nextBackup, type NextBackup } from '../../core/schedule/next-backup.ts';
import type { JobFacts } from '../../core/schedule/jobs.ts';

const CRON = new Date('2026-11-25T03:00:00Z');
const RETRY = '2026-11-24T12:05:00.000Z';
const job = (more: Partial<JobFacts>): JobFacts => ({
  state: 'enabled',
  code: 0,
  message: '',
  schedule: '0 3 * * *',
  timeZone: 'UTC',
  next: RETRY,
  ...more,
});
const BY_CRON: NextBackup = { at: CRON.toISOString(), from: 'configuration', paused: false };
const STOPPED: NextBackup = { at: null, from: null, paused: true };

describe('the next backup', () => {
  test.each<[string, Date | null, JobFacts | null | undefined, NextBackup]>([
    [
      'is when Cloud Scheduler says',
      CRON,
      job({}),
      { at: RETRY, from: 'cloud-scheduler', paused: false },
    ],
    ['is by the configuration where Cloud Scheduler was not asked', CRON, undefined, BY_CRON],
    [
      'is by the configuration where the job is not planned yet',
      CRON,
      job({ next: null }),
      BY_CRON,
    ],
    [
      'is by the configuration where the job is in a state that is not known',
      CRON,
      job({ state: 'unknown', next: null }),
      BY_CRON,
    ],
    ['is none while the job is paused', CRON, job({ state: 'paused', next: null }), STOPPED],
    [
      'is none while the job is paused, whatever time it carries',
      CRON,
      job({ state: 'paused' }),
      STOPPED,
    ],
    ['is none while the job is disabled', CRON, job({ state: 'disabled', next: null }), STOPPED],
    ['is none where the job is missing', CRON, null, STOPPED],
    ['is none without a schedule', null, undefined, { at: null, from: null, paused: false }],
    [
      'is none without a schedule, whatever Cloud Scheduler has',
      null,
      job({}),
      { at: null, from: null, paused: false },
    ],
  ])('%s', (_, byCron, facts, expected) => {
    expect(nextBackup(byCron, facts)).toEqual(expected);
  });
});
