import { describe, expect, test } from 'vitest';
import {
  nextBackup,
  type JobFacts,
  type KnownJob,
  type NextBackup,
} from '../../core/schedule/jobs.ts';

const CRON = new Date('2026-11-25T03:00:00Z');
const RETRY = '2026-11-24T12:05:00.000Z';
const job = (more: Partial<JobFacts>): JobFacts => ({
  state: 'enabled',
  code: 0,
  message: '',
  schedule: '0 3 * * *',
  timeZone: 'UTC',
  topic: 'projects/acme/topics/lifeboat-backup',
  uri: '',
  method: '',
  account: '',
  audience: '',
  data: Buffer.from('{"database":"shop"}'),
  next: RETRY,
  ...more,
});
const BY_CRON: NextBackup = { at: CRON.toISOString(), from: 'configuration', schedule: 'running' };
const UNKNOWN: NextBackup = { ...BY_CRON, schedule: 'unknown' };
const STOPPED: NextBackup = { at: null, from: null, schedule: 'paused' };
const NONE: NextBackup = { at: null, from: null, schedule: 'none' };

describe('the next backup', () => {
  test.each<[string, Date | null, KnownJob, NextBackup]>([
    [
      'is the time that Cloud Scheduler reports',
      CRON,
      job({}),
      { at: RETRY, from: 'cloud-scheduler', schedule: 'running' },
    ],
    ['comes from the configuration on a host', CRON, 'no-deployment', BY_CRON],
    ['comes from the configuration when the job is not known', CRON, 'unknown', UNKNOWN],
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
      UNKNOWN,
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
    ['is none without a schedule', null, 'no-deployment', NONE],
    ['is none without a schedule, even if Cloud Scheduler has a job', null, job({}), NONE],
  ])('%s', (_, byCron, facts, expected) => {
    expect(nextBackup(byCron, facts)).toEqual(expected);
  });
});
