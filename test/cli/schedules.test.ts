import { onTestFinished, expect, test, vi } from 'vitest';
import { startSchedules } from '../../cli/serve/schedules.ts';

const JOB = { topic: 'backup', schedule: '0 3 * * *', timeZone: 'UTC', data: { database: 'shop' } };

/** Runs the schedules of one job, and returns what a clock that shows these times starts. */
function startsAt(times: readonly string[]): string[] {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let time = '2027-06-01T12:00:00Z';
  const starts: string[] = [];
  const schedules = startSchedules(
    [JOB],
    () => starts.push(time),
    () => new Date(time),
  );
  for (time of times) vi.advanceTimersByTime(1000);
  schedules.stop();
  return starts;
}

test('a clock that was ahead at the start silences no schedule once it is set back', () => {
  const times = ['2026-11-28T02:59:58Z', '2026-11-28T02:59:59Z', '2026-11-28T03:00:00Z'];
  expect(startsAt([...times, '2026-11-28T03:00:01Z'])).toEqual(['2026-11-28T03:00:00Z']);
});

test('a job fires once when the clock is set back by seconds', () => {
  const times = ['2027-06-02T03:00:01Z', '2027-06-02T02:59:58Z', '2027-06-02T03:00:00Z'];
  expect(startsAt([...times, '2027-06-03T03:00:00Z'])).toEqual([
    '2027-06-02T03:00:01Z',
    '2027-06-03T03:00:00Z',
  ]);
});
