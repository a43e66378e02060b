import { describe, expect, test } from 'vitest';
import { isNear, nearest } from '../../core/config/nearest.ts';
import {
  parseStoreAddress,
  storeAddressProblem,
  storeUrl,
} from '../../core/config/store-address.ts';
import { parseSourceAddress, sourceAddressProblem } from '../../core/config/source-address.ts';

describe('a source', () => {
  test.each([
    ['db.sqlite3', '/etc/db.sqlite3', { kind: 'file', path: '/etc/db.sqlite3' }],
    ['../a b.db', '/a b.db', { kind: 'file', path: '/a b.db' }],
    ['file:./a%20b.db', '/etc/a b.db', { kind: 'file', path: '/etc/a b.db' }],
    ['file:db.sqlite3?mode=ro', '/etc/db.sqlite3', { kind: 'file', path: '/etc/db.sqlite3' }],
    ['file:/srv/c.db', '/srv/c.db', { kind: 'file', path: '/srv/c.db' }],
    ['file:///srv/b%20c.db', '/srv/b c.db', { kind: 'file', path: '/srv/b c.db' }],
    [
      'gs://bkt/a/b #1.db',
      'gs://bkt/a/b #1.db',
      { kind: 'gs', bucket: 'bkt', object: 'a/b #1.db' },
    ],
    [
      'https://x.example/a.db?t=1',
      'https://x.example/a.db',
      { kind: 'https', url: 'https://x.example/a.db?t=1', auth: 'none', audience: undefined },
    ],
    [
      'http://127.0.0.1:8080/a.db',
      'http://127.0.0.1:8080/a.db',
      { kind: 'https', url: 'http://127.0.0.1:8080/a.db', auth: 'none', audience: undefined },
    ],
    [
      'ssh://me@h.example/srv/a.db',
      'ssh://me@h.example/srv/a.db',
      { kind: 'ssh', user: 'me', host: 'h.example', port: 22, path: '/srv/a.db', hostKeys: [] },
    ],
    [
      'ssh://me@[::1]:22022/srv/a%20b.db',
      'ssh://me@[::1]:22022/srv/a%20b.db',
      { kind: 'ssh', user: 'me', host: '::1', port: 22_022, path: '/srv/a b.db', hostKeys: [] },
    ],
  ])('%s is %s', (text, source, origin) => {
    expect(sourceAddressProblem(text)).toBeUndefined();
    expect(parseSourceAddress(text, '/etc', {})).toEqual({ source, origin });
  });

  test.each([
    ['', 'is empty'],
    ['~/db.sqlite3', 'where HOME is set'],
    ['file://server/db.sqlite3', 'file:///path'],
    ['file:', 'file:///path'],
    ['file:%E0.db', 'file:///path'],
    ['gs://bkt', 'must name an object'],
    ['gs://bkt/', 'must name an object'],
    ['gs://bkt/folder/', 'must name an object'],
    ['gs://Bkt/a.db', 'is not a bucket name'],
    ['gs:///a.db', 'is not a bucket name'],
    ['gs://ab/a.db', 'is not a bucket name'],
    ['gs://acme..backups/a.db', 'a dot must not be next to a dot'],
    ['gs://192.168.0.1/a.db', 'an IP address'],
    ['gs://my-google-bucket/a.db', 'Google reserves such names'],
    [`gs://${'a'.repeat(64)}/a.db`, 'at most 63 characters'],
    ['gcs://bkt/a.db', 'Did you mean gs://bkt/a.db?'],
    ['gs:/bkt/a.db', 'Did you mean gs://bkt/a.db?'],
    ['gs:bkt/a.db', 'Did you mean gs://bkt/a.db?'],
    ['GS://bkt/a.db', 'Did you mean gs://bkt/a.db?'],
    ['https://storage.googleapis.com/bkt/a.db', 'Did you mean gs://bkt/a.db?'],
    ['https://console.cloud.google.com/storage/browser/bkt', 'is a page for browsers'],
    ['s3://bkt/a.db', 's3:// is not supported; use a path, file:'],
    ['ftp://host/a.db', 'ftp:// is not supported'],
    ['http://example.com/a.db', 'must begin with https'],
    ['http://127.0.0.1.example.com/a.db', 'must begin with https'],
    ['https://u:p@example.com/a.db', 'must not contain a user or a password'],
    ['https://hunter2@example.com/a.db', 'must not contain a user or a password'],
    ['https://example.com/a.db?token=hunter2', 'must not contain a secret in ?token='],
    ['https://example.com/a.db?X-Goog-Signature=hunter2', 'LIFEBOAT_HTTPS_TOKEN'],
    ['https://example.com/a.db?a=1&api_key=hunter2', 'a secret in ?api_key='],
    ['https://example.com/a.db#hunter2', 'must not contain #'],
    ['http://10.0.0.5/a.db', 'must begin with https'],
    ['https://', 'must look like https://'],
    ['ssh://h/srv/a.db', 'has no user'],
    ['ssh://u:hunter2@h/srv/a.db', 'LIFEBOAT_SSH_KEY'],
    ['ssh://u@h/', 'must look like ssh://'],
    ['ssh://u@h/srv/', 'must look like ssh://'],
    ['ssh://u@h/a?b', 'must look like ssh://'],
    ['ssh://u@h/a#b', 'must look like ssh://'],
    ['ssh://u@h/a%00b', 'must look like ssh://'],
    ['ssh://u@h/100%', 'begins no escape'],
    ['ssh:///a.db', 'ssh://user@host'],
    ['ssh://u@h', 'must look like ssh://'],
    ['ssh://u@h/~/a.db', '~ is not expanded'],
    ['ssh://u@h:99999/a.db', 'must look like ssh://'],
    ['u@h:/srv/a.db', 'Did you mean ssh://u@h/srv/a.db?'],
  ])('%s is refused: %s', (text, says) => {
    const fault = sourceAddressProblem(text);
    expect(fault).toContain(says);
    expect(fault).not.toContain('hunter2');
  });

  test.each([
    ['https://example.com:8443/a.db?name=shop'],
    ['http://localhost:1/'],
    ['http://127.8.8.8/'],
    ['http://[::1]:80/'],
  ])('%s is fine', (text) => {
    expect(sourceAddressProblem(text)).toBeUndefined();
  });
});

describe('a store', () => {
  test.each([
    ['backups', '/etc/backups'],
    ['/srv/backups/', '/srv/backups'],
    ['file:///srv/b%20c', '/srv/b c'],
    ['file:./b%20c', '/etc/b c'],
    ['gs://bkt', 'gs://bkt'],
    ['gs://bkt/', 'gs://bkt'],
    ['gs://bkt/a/b/', 'gs://bkt/a/b'],
  ])('%s is %s', (text, url) => {
    expect(storeAddressProblem(text)).toBeUndefined();
    expect(storeUrl(parseStoreAddress(text, '/etc'))).toBe(url);
  });

  test.each([
    ['', 'is empty'],
    ['~/backups', 'where HOME is set'],
    ['gs://', 'is not a bucket name'],
    ['gs://a', 'is not a bucket name'],
    ['gs://bkt//a', 'in its prefix'],
    ['gs://bkt/a?b', 'in its prefix'],
    ['gcs://bkt/a', 'Did you mean gs://bkt/a?'],
    ['gs:/bkt', 'Did you mean gs://bkt?'],
    ['s3://bkt', 's3:// is not supported; use a folder or gs://bucket'],
    ['https://example.com/backups', 'a store is a folder or gs://bucket'],
    ['file://server/backups', 'file:///path'],
  ])('%s is refused: %s', (text, says) => {
    expect(storeAddressProblem(text)).toContain(says);
  });
});

describe('a near miss', () => {
  test.each([
    ['stor', 'store', true],
    ['sstore', 'store', true],
    ['sotre', 'store', true],
    ['stare', 'store', true],
    ['STORE', 'store', true],
    ['stores2', 'store', false],
    ['star', 'store', false],
    ['', 'a', true],
    ['', 'ab', false],
    ['ab', 'ba', true],
    ['abc', 'cba', false],
  ])('%s for %s: %s', (given, known, near) => {
    expect(isNear(given, known)).toBe(near);
    expect(isNear(known, given)).toBe(near);
  });

  test('is suggested only when it is the only one', () => {
    expect([
      nearest('aa', ['ab', 'ac']),
      nearest('AB', ['ab', 'ac']),
      nearest('x1', ['ab']),
    ]).toEqual([undefined, 'ab', undefined]);
  });
});
