import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DAY_MS } from '../../core/lib/text/time.ts';
import { startDeadline } from '../../core/runs/deadline.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a run without a time limit ends after a day, when the watch takes it for crashed', () => {
  using deadline = startDeadline(undefined, undefined);
  vi.advanceTimersByTime(DAY_MS - 1);
  expect([deadline.signal.aborted, deadline.passed()]).toEqual([false, false]);
  vi.advanceTimersByTime(1);
  expect([deadline.signal.aborted, deadline.passed()]).toEqual([true, true]);
  expect(deadline.error(undefined, undefined)).toMatchObject({
    code: 'deadline',
    message: 'the time limit of 24 h passed',
    hint: expect.stringContaining('lifeboat status'),
  });
});

test.each([
  [520_000, 'Set `run: http`'],
  [3_580_000, 'Set `run: http`'],
  [86_340_000, 'Give the job more CPUs'],
])('a run with a limit of %d ms says what would give it more time', (ms, hint) => {
  using deadline = startDeadline(ms, undefined);
  expect(deadline.error(undefined, undefined).hint).toContain(hint);
});
