import { describe, expect, test } from 'vitest';
import { nextBackup, type JobFacts, type NextBackup } from '../../core/schedule/jobs.ts';

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
      'is the time that Cloud Scheduler reports',
      CRON,
      job({}),
      { at: RETRY, from: 'cloud-scheduler', paused: false },
    ],
    ['comes from the configuration when the job is not known', CRON, undefined, BY_CRON],
    [
      'comes from the configuration when the job has no next time',
      CRON,
      job({ next: null }),
      BY_CRON,
    ],
    [
      'comes from the configuration when the state of the job is unknown',
      CRON,
      job({ state: 'unknown', next: null }),
      BY_CRON,
    ],
    ['is none while the job is paused', CRON, job({ state: 'paused', next: null }), STOPPED],
    [
      'is none while the job is paused, even if it has a time',
      CRON,
      job({ state: 'paused' }),
      STOPPED,
    ],
    ['is none while the job is disabled', CRON, job({ state: 'disabled', next: null }), STOPPED],
    ['is none when the job is missing', CRON, null, STOPPED],
    ['is none without a schedule', null, undefined, { at: null, from: null, paused: false }],
    [
      'is none without a schedule, even if Cloud Scheduler has a job',
      null,
      job({}),
      { at: null, from: null, paused: false },
    ],
  ])('%s', (_, byCron, facts, expected) => {
    expect(nextBackup(byCron, facts)).toEqual(expected);
  });
});
