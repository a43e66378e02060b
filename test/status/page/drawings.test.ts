import { describe, expect, test } from 'vitest';
import { pageViewOf } from '../../../core/status/page/parts/view.ts';
import { sizeTicks } from '../../../core/status/page/charts/ticks.ts';
import { sparkline } from '../../../core/status/page/charts/sparkline.ts';
import { strip } from '../../../core/status/page/charts/strip.ts';
import { timelineOf } from '../../../core/status/page/charts/timeline.ts';
import type { RunRecord } from '../../../core/documents/run.ts';
import { AT, shop } from '../../support/status-document.ts';

const MIB = 2 ** 20;
const view = pageViewOf({ locale: 'en', base: '', store: 'gs://a' }, AT);

describe('the ticks of sizes', () => {
  test.each([
    [0, [0, 1]],
    [Number.NaN, [0, 1]],
    [1, [0, 1]],
    [3, [0, 1, 2, 3]],
    [1023, [0, 500, 1000, 1500]],
    [1024, [0, 0.25 * 1024, 0.5 * 1024, 0.75 * 1024, 1024]],
    [214 * MIB, [0, 100 * MIB, 200 * MIB, 300 * MIB]],
    [65.8 * MIB, [0, 20 * MIB, 40 * MIB, 60 * MIB, 80 * MIB]],
  ])('up to %d', (highest, ticks) => expect(sizeTicks(highest)).toEqual(ticks));

  test('reach the highest value in few even steps', () => {
    for (let highest = 1; highest < 2 ** 45; highest = Math.ceil(highest * 1.37)) {
      const ticks = sizeTicks(highest);
      expect(ticks.at(-1)).toBeGreaterThanOrEqual(highest);
      expect(ticks.length).toBeLessThanOrEqual(5);
      expect(ticks.at(-1)).toBeLessThanOrEqual(highest * 2.5);
    }
  });
});

describe('a sparkline', () => {
  test.each([
    [[5], 'M-9 12H0h78h9V40H-9z'],
    [[0, 0, 0], 'M-9 12H0h78h9V40H-9z'],
    [[0, 10], 'M-9 21H0l78-18h9V40H-9z'],
    [[10, 10, 0], 'M-9 3H0h39l39 18h9V40H-9z'],
  ])('of %j', (values, path) =>
    expect(sparkline(values, 'text').toString()).toContain(`d="${path}"`),
  );

  test('of many values has few points and ends with the last', () => {
    const drawn = sparkline(
      [...Array.from({ length: 400 }, (_, n) => n % 7), 100],
      'text',
    ).toString();
    expect(drawn.match(/l2/g)?.length).toBeLessThanOrEqual(40);
    expect(drawn).toContain('class="dot" d="M78 3h0"');
  });
});

describe('a strip', () => {
  test('draws equal neighbours as one path, problems higher, and describes them for screen readers', () => {
    const drawn = strip(view, shop().runs, { tooltips: false }).toString();
    expect(drawn).toContain('aria-label="Last 90 runs: 88 succeeded, 1 partly checked, 1 failed"');
    expect(drawn.match(/<path class="bar/g)).toHaveLength(4);
    expect(drawn).toMatch(/class="bar warn" d="M\d+ 15h3"/);
    expect(drawn).toMatch(/class="bar bad" d="M\d+ 12h3"/);
    expect(drawn.match(/class="notch" d="(M\d+ 18h3){3}"/)).not.toBeNull();
    expect(drawn).not.toContain('<title>');
  });

  test('has a tooltip for each run on request', () => {
    const drawn = strip(view, shop().runs, { tooltips: true }).toString();
    // The days of two restore tests have one bar for both runs.
    expect(drawn.match(/<title>/g)).toHaveLength(87);
    expect(drawn).toContain('failed · source_busy: the database was busy for 30 s</title>');
  });

  test('without a run is empty', () => {
    const drawn = strip(view, [], { tooltips: true }).toString();
    expect(drawn).not.toContain('<title>');
    expect(drawn.match(/<path/g)).toHaveLength(1);
  });
});

describe('the axis of time', () => {
  const run = (startedAt: string, ok = true): RunRecord => ({
    run: startedAt,
    operation: 'backup',
    reason: 'schedule',
    startedAt,
    endedAt: startedAt,
    ok,
    durationMs: 1,
    steps: {},
  });
  const DAY = 86_400_000;
  const tones = (list: readonly RunRecord[], at: string, zone = 'UTC') =>
    timelineOf(list, at, zone)
      .slots.map(({ tone }) => ({ good: '|', warn: 'w', bad: 'X', gap: '_', none: '.' })[tone])
      .join('');
  const daily = (from: string, count: number, skip: readonly number[] = []) =>
    Array.from({ length: count }, (_, n) => n)
      .filter((n) => !skip.includes(n))
      .map((n) => run(new Date(Date.parse(from) + n * DAY).toISOString()));

  test('shows a missed day as a gap', () => {
    expect(tones(daily('2026-11-14T03:00:10Z', 10, [4, 5]), '2026-11-23T09:00:00Z')).toMatch(
      /^\.{80}\|{4}__\|{4}$/,
    );
  });

  test('ends now, so that a backup that is late is a gap on the right', () => {
    expect(tones(daily('2026-11-14T03:00:10Z', 5), '2026-11-23T09:00:00Z')).toMatch(
      /^\.{80}\|{5}_{5}$/,
    );
  });

  test('shows the worst of the runs of a day', () => {
    const runs = [...daily('2026-11-20T03:00:00Z', 4), run('2026-11-22T12:00:00Z', false)];
    expect(tones(runs, '2026-11-23T09:00:00Z')).toMatch(/\|\|X\|$/);
  });

  test.each([
    ['5 min', 5 * 60_000],
    ['an hour', 3_600_000],
    ['six hours', 6 * 3_600_000],
    ['a week', 7 * DAY],
  ])('has one bar for each backup of a schedule of %s', (_, every) => {
    const now = Date.parse('2026-11-23T09:00:30Z');
    const runs = Array.from({ length: 60 }, (_each, n) =>
      // Each begins a little later than planned.
      run(new Date(now - 25_000 - (59 - n) * every + (n % 7) * 1000).toISOString()),
    );
    expect(tones(runs, new Date(now + 60_000).toISOString())).toMatch(/^\.{30}\|{60}$/);
  });

  test('counts days in the time zone, also where its clocks change', () => {
    // 00:30 in Berlin, in summer and in winter.
    const runs = daily('2026-10-20T22:30:00Z', 5).concat(daily('2026-10-25T23:30:00Z', 10));
    expect(tones(runs, '2026-11-04T05:00:00Z', 'Europe/Berlin')).toMatch(/^\.{75}\|{15}$/);
  });

  test('takes a run of a clock that is ahead as one of now, and leaves out what has no time', () => {
    const runs = [...daily('2026-11-22T03:00:00Z', 1), run('2027-01-01T00:00:00Z'), run('soon')];
    expect(tones(runs, '2026-11-23T09:00:00Z', 'no zone')).toMatch(/\.\|\|$|\|$/);
  });
});
