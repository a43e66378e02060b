import { describe, expect, test } from 'vitest';
import { inOrder, nextSequence } from '../../core/catalog/chain.ts';
import { MAX_SEQUENCE, type Manifest } from '../../core/format/manifest.ts';

const NOW = new Date('2026-11-23T03:00:30Z');
const MINUTES = Math.floor(NOW.getTime() / 60_000);

const backup = (takenAt: string, sequence: number): Manifest =>
  ({ id: `${takenAt} ${sequence}`, takenAt, sequence }) as Manifest;

describe('the number of the next backup', () => {
  test.each([
    ['the minutes since 1970 in an empty catalog', [], MINUTES],
    ['the minutes after a history that was numbered from 1', [1, 2], MINUTES],
    ['one more than the largest within one minute', [MINUTES, MINUTES + 4], MINUTES + 5],
    ['the largest possible one at the end', [MAX_SEQUENCE], MAX_SEQUENCE],
  ])('is %s', (_, sequences, next) => {
    const catalog = sequences.map((sequence) => backup('2026-11-22T03:00:00Z', sequence));
    expect(nextSequence(catalog, NOW)).toBe(next);
  });

  test('keeps the order when older manifests cannot be read for a while', () => {
    const older = [
      backup('2026-11-13T03:00:00Z', MINUTES - 14_400),
      backup('2026-11-22T03:00:00Z', MINUTES - 1440),
    ];
    // Nothing is readable now.
    const newer = backup('2026-11-23T03:00:00Z', nextSequence([], NOW));
    expect(inOrder([newer, ...older])).toEqual([...older, newer]);
  });
});
