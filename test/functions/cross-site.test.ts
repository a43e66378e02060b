import { expect, test } from 'vitest';
import { isCrossSite } from '../../functions/cross-site.ts';

const BEHIND_PROXY = { host: '127.0.0.1:8080', origin: 'https://backups.example.org' };
const PUBLIC = 'https://backups.example.org/lifeboat';

test.each([
  ['a program', {}, false],
  ['a page of the same address', { origin: 'http://127.0.0.1:8080' }, false],
  ['a page of another address', { origin: 'https://evil.example' }, true],
  ['a page without an address', { origin: 'null' }, true],
  ['a page of another site', { 'sec-fetch-site': 'cross-site' }, true],
  ['a page of a sibling site', { 'sec-fetch-site': 'same-site' }, true],
  ['an address that was typed', { 'sec-fetch-site': 'none' }, false],
  ['the page behind a proxy', { ...BEHIND_PROXY, 'sec-fetch-site': 'same-origin' }, false],
  ['another page behind a proxy', { ...BEHIND_PROXY, 'sec-fetch-site': 'cross-site' }, true],
  ['an older browser behind a proxy', BEHIND_PROXY, true],
])('a request of %s', (_, headers, expected) => {
  expect(isCrossSite({ host: '127.0.0.1:8080', ...headers })).toBe(expected);
});

test('an older browser behind a proxy may send forms from the public address only', () => {
  expect(isCrossSite(BEHIND_PROXY, PUBLIC)).toBe(false);
  expect(isCrossSite({ ...BEHIND_PROXY, origin: 'https://evil.example' }, PUBLIC)).toBe(true);
  expect(isCrossSite({ ...BEHIND_PROXY, 'sec-fetch-site': 'cross-site' }, PUBLIC)).toBe(true);
});
