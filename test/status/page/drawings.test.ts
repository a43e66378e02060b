import { describe, expect, test } from 'vitest';
import { pageViewOf } from '../../../core/status/page/parts/view.ts';
import { sizeTicks } from '../../../core/status/page/charts/ticks.ts';
import { sparkline } from '../../../core/status/page/charts/sparkline.ts';
import { strip } from '../../../core/status/page/charts/strip.ts';
import { AT, shop } from '../../support/status-document.ts';

const MIB = 2 ** 20;
const view = pageViewOf({ locale: 'en', base: '', store: 'gs://a' }, AT);
const runs = (count: number) => shop().runs.slice(0, count);

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
    expect(drawn).toContain('aria-label="Last 90 runs: 88 succeeded, 1 inconclusive, 1 failed"');
    expect(drawn.match(/<path class="bar/g)).toHaveLength(3);
    expect(drawn).toMatch(/class="bar warn" d="M\d+ 15h3"/);
    expect(drawn).toMatch(/class="bar bad" d="M\d+ 12h3"/);
    expect(drawn.match(/class="notch" d="(M\d+ 18h3){3}"/)).not.toBeNull();
    expect(drawn).not.toContain('<title>');
  });

  test('has a tooltip for each run on request', () => {
    const drawn = strip(view, shop().runs, { tooltips: true }).toString();
    expect(drawn.match(/<title>/g)).toHaveLength(90);
    expect(drawn).toContain('failed · source_busy: the database was busy for 30 s</title>');
  });

  test.each([0, 1, 89, 90])(
    'of %i runs leaves the other places of ninety empty on the left',
    (count) => {
      const drawn = strip(view, runs(count), { tooltips: true }).toString();
      expect(drawn.match(/<title>/g)?.length ?? 0).toBe(count);
      expect(drawn.includes('class="bar none"')).toBe(count < 90);
    },
  );

  test('of more than ninety runs shows the newest', () => {
    expect(strip(view, [...shop().runs, ...runs(5)], { tooltips: false }).toString()).toContain(
      'aria-label="Last 90 runs',
    );
  });
});
