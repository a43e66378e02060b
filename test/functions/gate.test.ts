import { describe, expect, test } from 'vitest';
import { createGate } from '../../functions/gate.ts';

const TOKEN = 'f3'.repeat(16);
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
const ask = (
  token: string | undefined,
  headers: Record<string, string>,
  url = '/status',
  method = 'GET',
): number => createGate(token)({ headers, url, method })?.status ?? 200;

describe('a server without a token', () => {
  test.each([
    ['127.0.0.1:8080', 200],
    ['127.0.0.2:8080', 200],
    ['localhost', 200],
    ['[::1]:8080', 200],
    ['evil.example', 421],
    ['127.0.0.1.evil.example', 421],
    ['', 421],
  ])('answers a request for the host %s with %i', (host, status) => {
    expect(ask(undefined, { host })).toBe(status);
  });
});

describe('a server with a token', () => {
  test.each<[string, string | undefined, number]>([
    ['the token', `Bearer ${TOKEN}`, 200],
    ['the token as a password', basic(`ops:${TOKEN}`), 200],
    ['a password with a colon', basic(`ops:a:${TOKEN}`), 401],
    ['another token', `Bearer ${TOKEN.slice(1)}`, 401],
    ['the token in another scheme', `Digest ${TOKEN}`, 401],
    ['an empty token', 'Bearer ', 401],
    ['nothing', undefined, 401],
  ])('answers a request with %s', (_, authorization, status) => {
    const headers = { host: 'backups.example.com', ...(authorization ? { authorization } : {}) };
    for (const url of ['/status', '/backup-now', '/projects/local/topics/lifeboat-backup'])
      expect(ask(TOKEN, headers, url)).toBe(status);
  });

  test('tells everybody whether it is alive, and nothing else', () => {
    expect(ask(TOKEN, {}, '/status/health')).toBe(200);
    expect(ask(TOKEN, {}, '/status/health?x')).toBe(401);
    expect(ask(TOKEN, {}, '/status/health', 'POST')).toBe(401);
  });
});
