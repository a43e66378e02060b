import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createWatchdog } from '../../core/source/ssh/watchdog.ts';

const [SECOND, MIB] = [1000, 2 ** 20];
const SIZE = 100 * MIB;
// 60 s of silence, and the time for 100 MiB on a slow host.
const WORK = (60 + 10) * SECOND;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watch(busyMs = 0) {
  const messages: string[] = [];
  const fail = ({ message }: Error) => void messages.push(message);
  const watchdog = createWatchdog({ host: 'db.example.com', idleMs: 60 * SECOND, busyMs, fail });
  return { ...watchdog, messages };
}

test('silence before the host says how large the database is fails after the patience', () => {
  const { messages } = watch();
  vi.advanceTimersByTime(60 * SECOND - 1);
  expect(messages).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(messages).toEqual(['db.example.com sent nothing for 1 min']);
});

test('a copy that grows may take any time, however slow it is', () => {
  const { onCopying, messages } = watch();
  for (let copied = 0; copied < 500; copied += 1) {
    onCopying(SIZE, copied);
    vi.advanceTimersByTime(WORK - 1);
  }
  expect(messages).toEqual([]);
});

test.each([
  ['that does not grow', () => 5],
  ['that shrinks', (beat: number) => 1000 - beat],
])('signs of life with a copy %s end it', (_, copied) => {
  const { onCopying, messages } = watch();
  for (let beat = 0; beat < WORK / SECOND + 1; beat += 1) {
    onCopying(SIZE, copied(beat));
    vi.advanceTimersByTime(SECOND);
  }
  expect(messages).toEqual(['db.example.com made no progress with its copy for 1 min 10 s']);
});

test('a busy database is waited for, and a huge one for an hour at most', () => {
  const busy = watch(30 * SECOND);
  busy.onCopying(SIZE, 0);
  vi.advanceTimersByTime(WORK + 60 * SECOND - 1);
  expect(busy.messages).toEqual([]);
  const huge = watch();
  huge.onCopying(2 ** 53, 0);
  vi.advanceTimersByTime(3660 * SECOND);
  expect(huge.messages).toHaveLength(1);
});

test('bytes count as life until there are more than the copy can have', () => {
  const { onSending, onBytes, messages } = watch();
  onSending(SIZE);
  for (let count = 0; count < 101; count += 1) {
    onBytes(MIB);
    vi.advanceTimersByTime(59 * SECOND);
  }
  expect(messages).toEqual([]);
  onBytes(2 * MIB);
  vi.advanceTimersByTime(SECOND);
  expect(messages).toEqual(['db.example.com sent nothing for 1 min']);
});

test('what the host says while it should send is no sign of life', () => {
  const { onSending, onCopying, messages } = watch();
  onSending(SIZE);
  for (let beat = 0; beat < 60; beat += 1) {
    onCopying(SIZE, beat);
    vi.advanceTimersByTime(SECOND);
  }
  expect(messages).toHaveLength(1);
});

test('the checksum of a copy that has arrived may take as long as reading it', () => {
  const { onSending, onComplete, messages, end } = watch();
  onSending(SIZE);
  onComplete();
  vi.advanceTimersByTime(WORK - 1);
  expect(messages).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(messages).toHaveLength(1);
  end();
});
