import { describe, expect, test } from 'vitest';
import {
  conditionOf,
  reasonsOf,
  worstOf,
  type ConditionFacts,
} from '../../core/status/condition.ts';
import type { Condition, Reason } from '../../core/documents/status.ts';

const NEWEST = { takenAt: '2026-11-23T03:00:05.000Z', verdict: 'ok' };
const run = (operation: string, ok: boolean, endedAt: string) => ({
  operation,
  ok,
  endedAt: `2026-11-${endedAt}:00.000Z`,
});
const GOOD: ConditionFacts = {
  foreign: false,
  newest: NEWEST,
  fresh: true,
  runs: [run('backup', true, '23T03:01')],
  restoreTest: { ok: true },
  restoreTestOverdue: false,
  schedule: 'running',
};

describe('the condition of a database', () => {
  test.each<[string, Partial<ConditionFacts>, Condition, Reason[]]>([
    ['whose backup is new and tested', {}, 'good', []],
    ['that was never tested, and need not be yet', { restoreTest: null }, 'good', []],
    ['whose record of runs is gone', { runs: [] }, 'good', []],
    [
      'whose last backup failed',
      { runs: [run('backup', true, '23T03:01'), run('backup', false, '24T03:01')] },
      'failing',
      ['backup-failed'],
    ],
    [
      'whose backup failed, and the next did not',
      { runs: [run('backup', false, '22T03:01'), run('backup', true, '23T03:01')] },
      'good',
      [],
    ],
    [
      'whose backup failed, and the record of the next was lost, but not what it made',
      { runs: [run('backup', false, '22T03:01')] },
      'good',
      [],
    ],
    [
      'whose backup was made by the run that failed after it',
      { runs: [run('backup', false, '23T03:01')] },
      'failing',
      ['backup-failed'],
    ],
    [
      'whose restore test ran after a backup failed',
      { runs: [run('backup', false, '24T03:01'), run('restore-test', true, '24T05:00')] },
      'failing',
      ['backup-failed'],
    ],
    [
      'whose last failed run is a restore test that passed since',
      { runs: [run('restore-test', false, '24T05:00')] },
      'good',
      [],
    ],
    ['whose last failed run is a watch', { runs: [run('watch', false, '24T05:15')] }, 'good', []],
    [
      'whose restore test failed',
      { restoreTest: { ok: false } },
      'failing',
      ['restore-test-failed'],
    ],
    [
      'whose restore test failed long ago',
      { restoreTest: { ok: false }, restoreTestOverdue: true },
      'failing',
      ['restore-test-failed'],
    ],
    [
      'without a backup',
      { newest: undefined, fresh: false, runs: [], restoreTest: null },
      'missing',
      ['missing'],
    ],
    [
      'without a backup, because each failed',
      {
        newest: undefined,
        fresh: false,
        runs: [run('backup', false, '23T03:01')],
        restoreTest: null,
      },
      'failing',
      ['backup-failed', 'missing'],
    ],
    ['whose backup is late', { fresh: false }, 'late', ['late']],
    [
      'whose backup could not be judged',
      { newest: { ...NEWEST, verdict: 'inconclusive' } },
      'attention',
      ['inconclusive'],
    ],
    [
      'whose restore test is overdue',
      { restoreTestOverdue: true },
      'attention',
      ['restore-test-overdue'],
    ],
    ['whose schedule is paused', { schedule: 'paused' }, 'attention', ['schedule-paused']],
    [
      'whose schedule is not known to run',
      { schedule: 'unknown' },
      'attention',
      ['schedule-unknown'],
    ],
    ['that has no schedule', { schedule: 'none' }, 'good', []],
    ['that the configuration does not name', { foreign: true }, 'attention', ['not-configured']],
    [
      'that has everything against it',
      {
        foreign: true,
        newest: { ...NEWEST, verdict: 'inconclusive' },
        fresh: false,
        runs: [run('backup', false, '24T03:01')],
        restoreTest: { ok: false },
        restoreTestOverdue: true,
        schedule: 'paused',
      },
      'failing',
      [
        'backup-failed',
        'restore-test-failed',
        'late',
        'inconclusive',
        'schedule-paused',
        'not-configured',
      ],
    ],
  ])('%s', (_, more, condition, reasons) => {
    const found = reasonsOf({ ...GOOD, ...more });
    expect([found, conditionOf(found)]).toEqual([reasons, condition]);
  });

  test.each<[Condition[], Condition]>([
    [[], 'good'],
    [['good', 'good'], 'good'],
    [['good', 'attention'], 'attention'],
    [['late', 'attention'], 'late'],
    [['late', 'missing', 'good'], 'missing'],
    [['failing', 'missing'], 'failing'],
  ])('of %j together is %s', (all, worst) => {
    expect(worstOf(all)).toBe(worst);
  });
});
