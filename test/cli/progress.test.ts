import { describe, expect, test } from 'vitest';
import { createProgress } from '../../cli/progress.ts';

const MIB = 2 ** 20;

/** A bar on a terminal of this width, with a clock that the test moves. */
function bar(columns = 100) {
  let text = '';
  let at = 0;
  const progress = createProgress(
    (part) => (text += part),
    columns,
    () => at,
  );
  return {
    at: (ms: number, ...update: Parameters<typeof progress.update>): string => {
      [at, text] = [ms, ''];
      progress.update(...update);
      return text.replace('\r', '').replace('\u001B[K', '');
    },
    clear: (): string => {
      text = '';
      progress.clear();
      return text;
    },
  };
}

describe('the progress bar', () => {
  test('shows bytes, then speed and time left once they are more than a guess', () => {
    const { at, clear } = bar();
    expect(at(0, 'write', 0, 300 * MIB)).toMatch(/^write {5}\[\.{30}\] {3}0 % {2}0 B of 300 MiB$/);
    expect(at(500, 'write', 50 * MIB, 300 * MIB)).toMatch(/ 16 % {2}50 MiB of 300 MiB$/);
    expect(at(2000, 'write', 100 * MIB, 300 * MIB)).toMatch(
      /^write {5}\[#{10}\.{20}\] {2}33 % {2}100 MiB of 300 MiB, 50 MiB\/s, 4 s left$/,
    );
    expect(at(6000, 'write', 300 * MIB, 300 * MIB)).toMatch(
      / 100 % {2}300 MiB of 300 MiB, 50 MiB\/s$/,
    );
    expect(clear()).toBe('\r\u001B[K');
    expect(clear()).toBe('');
  });

  test('measures a step that begins again, and steps that alternate, each for itself', () => {
    const { at } = bar();
    at(0, 'restore', 0, 100 * MIB);
    at(5000, 'restore', 100 * MIB, 100 * MIB);
    at(6000, 'restore', 0, 100 * MIB);
    at(6500, 'verify', 0, 100 * MIB);
    expect(at(8000, 'restore', 40 * MIB, 100 * MIB)).toContain('20 MiB/s, 3 s left');
  });

  test('redraws at most ten times a second, but always at the end', () => {
    const { at } = bar();
    at(0, 'write', 1, 1000);
    expect(at(99, 'write', 500, 1000)).toBe('');
    expect(at(99, 'write', 1000, 1000)).not.toBe('');
  });

  test.each([20, 40, 50, 60, 79, 80, 200])('fits a terminal of %i columns', (columns) => {
    const { at } = bar(columns);
    at(0, 'restore', 0, 3 * 2 ** 30);
    const text = at(61_000, 'restore', 2 ** 30, 3 * 2 ** 30);
    expect(text.length).toBeLessThan(Math.max(columns, 30));
    expect(text).toContain('33 %');
  });
});
