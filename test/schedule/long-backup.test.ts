import { describe, expect, test } from 'vitest';
import { freshness } from '../../core/schedule/freshness.ts';
import { runningBackup } from '../../core/state/running-backup.ts';

const HOUR = 3_600_000;
const DUE = Date.parse('2026-11-28T03:00:00Z');
const after = (hours: number) => new Date(DUE + hours * HOUR);

describe('a backup in progress', () => {
  const schedule = { schedule: '0 3 * * *', timeZone: 'UTC', graceMs: 2 * HOUR };
  const fresh = (now: number, started?: number) => {
    const running = started === undefined ? undefined : { startedAt: after(started) };
    const longest = running && { ...running, longestMs: 5 * HOUR };
    return freshness(schedule, after(-24), after(now), longest).fresh;
  };

  test.each([
    ['is not late within the time of the longest run', 6, 0, true],
    ['is late after that time and the grace', 7, 0, false],
    ['hides nothing for longer when it was started again', 7, 6, false],
    ['does not count when it started before the due time', 3, -1, false],
    ['counts when the clock of its machine is a little behind', 3, -0.01, true],
    ['is not there: late after the grace', 2, undefined, false],
  ])('%s', (_title, now, started, expected) => {
    expect(fresh(now, started)).toBe(expected);
  });

  test('is the last start that may still run, for at most a day', () => {
    const start = (run: string, hours: number, deadlineMs = 10 * HOUR) => ({
      run,
      operation: 'backup',
      startedAt: after(hours).toISOString(),
      deadlineMs,
    });
    const record = { reason: 'schedule', endedAt: '', ok: true, steps: {} };
    const longest = { ...start('z', -72), ...record, durationMs: 400 * HOUR };
    const open = [start('a', 0), start('b', 1), { ...start('c', 2), operation: 'restore-test' }];
    const at = (now: number) => runningBackup(open, [longest], after(now));
    expect(at(3)).toEqual({ startedAt: after(1), longestMs: 24 * HOUR });
    expect(at(12)).toBe(undefined);
    expect(runningBackup(open, [{ ...longest, ok: false }], after(3))?.longestMs).toBe(0);
  });
});
