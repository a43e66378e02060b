import { describe, expect, test } from 'vitest';
import { baseOf, refreshOf, routeOf, type Route } from '../../functions/status/route.ts';

describe('the paths of the status', () => {
  test.each<[string, Route]>([
    ['/', { kind: 'overview', format: 'html', query: { filter: '', page: 1 }, runs: undefined }],
    [
      '/?format=json',
      { kind: 'overview', format: 'json', query: { filter: '', page: 1 }, runs: undefined },
    ],
    [
      '/?filter=a%20b&format=html',
      { kind: 'overview', format: 'html', query: { filter: 'a b', page: 1 }, runs: undefined },
    ],
    [
      `/?filter=${'x'.repeat(300)}`,
      {
        kind: 'overview',
        format: 'html',
        query: { filter: 'x'.repeat(200), page: 1 },
        runs: undefined,
      },
    ],
    [
      '/?format=json&runs=0',
      { kind: 'overview', format: 'json', query: { filter: '', page: 1 }, runs: 0 },
    ],
    [
      '/?format=json&runs=90',
      { kind: 'overview', format: 'json', query: { filter: '', page: 1 }, runs: 90 },
    ],
    [
      '/?utm=1',
      { kind: 'overview', format: 'html', query: { filter: '', page: 1 }, runs: undefined },
    ],
    ['/databases/shop', { kind: 'database', format: 'html', name: 'shop', on: undefined }],
    [
      '/databases/shop?format=json',
      { kind: 'database', format: 'json', name: 'shop', on: undefined },
    ],
    [
      '/databases/%3Cscript%3E',
      { kind: 'database', format: 'html', name: '<script>', on: undefined },
    ],
    [
      '/databases/..%2F..%2Fetc',
      { kind: 'database', format: 'html', name: '../../etc', on: undefined },
    ],
    [
      '/databases/__proto__',
      { kind: 'database', format: 'html', name: '__proto__', on: undefined },
    ],
    [
      '/?state=late&page=3&view=wall',
      {
        kind: 'overview',
        format: 'html',
        query: { filter: '', state: 'late', page: 3, view: 'wall' },
        runs: undefined,
      },
    ],
    [
      '/databases/shop?on=2026-11-03',
      { kind: 'database', format: 'html', name: 'shop', on: '2026-11-03' },
    ],
    ['/metrics', { kind: 'metrics' }],
    ['/metrics?x=1', { kind: 'metrics' }],
    ['/health', { kind: 'health' }],
  ])('%s', (url, route) => {
    expect(routeOf(url, 'html')).toEqual(route);
  });

  test.each([
    ['/nothing', 'not_found'],
    ['/databases', 'not_found'],
    ['/databases/', 'not_found'],
    ['/databases/a/b', 'not_found'],
    ['/databases/%E0%A4%A', 'not_found'],
    ['/databases/%', 'not_found'],
    ['//evil.example', 'not_found'],
    ['/Metrics', 'not_found'],
    ['/?format=xml', 'usage'],
    ['/?format=', 'usage'],
    ['/?state=bad', 'usage'],
    ['/?page=0', 'usage'],
    ['/?page=x', 'usage'],
    ['/?view=floor', 'usage'],
  ])('%s is refused', (url, code) => {
    expect(() => routeOf(url, 'json')).toThrow(expect.objectContaining({ code }));
  });

  test.each([
    ['/', '/', ''],
    ['/?format=json', '/?format=json', ''],
    ['/status', '/', '/status'],
    ['/status/', '/', '/status'],
    ['/status?format=json', '/?format=json', '/status'],
    ['/status/databases/shop?x=/', '/databases/shop?x=/', '/status'],
  ])('%s, seen as %s, has the base %j', (original, own, base) => {
    expect(baseOf(original, own)).toBe(base);
  });

  test.each([
    ['/', undefined],
    ['/?refresh=60', 60],
    ['/databases/shop?format=html&refresh=5', 5],
    ['/?refresh=86400', 86_400],
  ])('%s is reloaded after %s seconds', (url, seconds) => {
    expect(refreshOf(url)).toBe(seconds);
  });

  test.each(['', '0', '4', '86401', '1e3', '-60', '60; url=https://evil.example', '6.5'])(
    'the refresh interval "%s" is refused',
    (asked) => {
      expect(() => refreshOf(`/?refresh=${encodeURIComponent(asked)}`)).toThrow(
        expect.objectContaining({
          code: 'usage',
          message: `invalid refresh interval ${JSON.stringify(asked)}`,
        }),
      );
    },
  );
});
