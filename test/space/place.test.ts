import { describe, expect, test } from 'vitest';
import { judgePlace } from '../../core/watch/place.ts';
import type { BackupPlace } from '../../core/schedule/places.ts';
import { parsePlaceLimits, placeUse, smallestPlace } from '../../core/space/place.ts';

const GIB = 2 ** 30;
const MINUTE = 60_000;
// The process needs 320 MiB besides the files.
const limits = {
  function: { memory: 4 * GIB + 320 * 2 ** 20, ms: 10 * MINUTE },
  http: { memory: 8 * GIB + 320 * 2 ** 20, ms: 30 * MINUTE },
  restoreTestMs: 10 * MINUTE,
};

describe('the smallest place for a backup', () => {
  test.each<[string, number, number, BackupPlace]>([
    ['a small and quick one', 1, 1, 'function'],
    ['one that takes four fifths of the memory', 3.2, 1, 'function'],
    ['one that takes more than four fifths of the memory', 3.3, 1, 'http'],
    ['one that takes four fifths of the time', 1, 8, 'function'],
    ['one that takes more than four fifths of the time', 1, 8.1, 'http'],
    ['one that fits no memory', 200, 1, 'job'],
    ['one that takes more than half an hour', 1, 31, 'job'],
  ])('%s', (_, gib, minutes, place) => {
    expect(smallestPlace({ size: gib * GIB, durationMs: minutes * MINUTE }, limits)).toBe(place);
  });

  test('takes the scarcer of memory and time', () => {
    expect(placeUse('function', { size: 2 * GIB, durationMs: MINUTE }, limits)).toEqual({
      share: 0.5,
      short: 'memory',
    });
    expect(placeUse('function', { size: GIB, durationMs: 5 * MINUTE }, limits)).toEqual({
      share: 0.5,
      short: 'time',
    });
    expect(placeUse('job', { size: 900 * GIB, durationMs: 0 }, limits)).toBe(undefined);
  });
});

describe('the limits that Terraform passes on', () => {
  test('are read in bytes and seconds', () => {
    const text =
      '{"function":{"memory":4294967296,"seconds":520},"http":{"memory":1,"seconds":1780},"restore-test":{"seconds":500}}';
    expect(parsePlaceLimits(text)).toEqual({
      function: { memory: 4_294_967_296, ms: 520_000 },
      http: { memory: 1, ms: 1_780_000 },
      restoreTestMs: 500_000,
    });
  });

  test.each([undefined, '', '{', '{}', '[]', 'null', '{"function":{"memory":"x"}}'])(
    'are ignored when they are %s',
    (text) => {
      expect(parsePlaceLimits(text)).toBe(undefined);
    },
  );
});

describe('the finding of the watch about a place', () => {
  const shop = {
    name: 'shop',
    run: 'function',
    schedule: '0 3 * * *',
    size: GIB,
    runs: [],
  } as const;
  const run = (durationMs: number, ok = true) => ({ operation: 'backup', ok, durationMs });

  test.each<[string, object, string]>([
    ['a small database', {}, 'ok '],
    ['a database that nearly fills the memory', { size: 3.5 * GIB }, 'warning memory'],
    ['a database that no longer fits', { size: 4.1 * GIB }, 'fault memory'],
    ['a run that nearly took all the time', { runs: [run(9 * MINUTE)] }, 'warning time'],
    ['a slow run that failed', { runs: [run(9 * MINUTE, false)] }, 'ok '],
    [
      'a slow run long ago',
      { runs: [run(9 * MINUTE), ...Array.from({ length: 10 }, () => run(MINUTE))] },
      'ok ',
    ],
    ['a job of any size', { run: 'job', size: 900 * GIB }, 'ok '],
  ])('%s', (_, more, expected) => {
    const [finding] = judgePlace({ ...shop, ...more }, limits);
    expect(`${finding?.level} ${finding?.about}`).toBe(expected);
  });

  test('names the key, and what to set it to', () => {
    const [finding] = judgePlace({ ...shop, size: 200 * GIB }, limits);
    expect(finding).toMatchObject({
      detail: '200 GiB is 5000 % of what fits into the memory of the function backup (4 GiB)',
      hint: expect.stringMatching(
        /^Set `run: job` for shop in lifeboat.yaml and apply the Terraform of the deployment\.$/,
      ),
    });
  });

  test('warns of a restore test that nearly took all the time of its function', () => {
    const runs = [{ operation: 'restore-test', ok: true, durationMs: 9 * MINUTE }];
    const about = (more: object) => judgePlace({ ...shop, runs, ...more }, limits).slice(1);
    expect(about({ run: 'http' })).toMatchObject([
      { level: 'warning', about: 'restore-test', hint: expect.stringContaining('run: job') },
    ]);
    expect(about({})).toHaveLength(1);
    expect(about({ run: 'job' })).toEqual([]);
    expect(about({ runs: [{ operation: 'restore-test', ok: true, durationMs: 1 }] })).toEqual([]);
  });

  test('is none without a schedule, or where nobody knows the limits', () => {
    expect(judgePlace({ ...shop, schedule: undefined }, limits)).toEqual([]);
    expect(judgePlace(shop, undefined)).toEqual([]);
  });
});
