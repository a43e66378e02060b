import { describe, expect, test } from 'vitest';
import { isNear, nearest } from '../../core/config/nearest.ts';
import { parseStoreAddress, storeAddressFault, storeUrl } from '../../core/config/store-address.ts';
import { parseSourceAddress, sourceAddressFault } from '../../core/config/source-address.ts';

describe('a source', () => {
  test.each([
    ['db.sqlite3', '/etc/db.sqlite3', { kind: 'file', path: '/etc/db.sqlite3' }],
    ['../a b.db', '/a b.db', { kind: 'file', path: '/a b.db' }],
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
    expect(sourceAddressFault(text)).toBeUndefined();
    expect(parseSourceAddress(text, '/etc', {})).toEqual({ source, origin });
  });

  test.each([
    ['', 'is empty'],
    ['~/db.sqlite3', '~ is not expanded'],
    ['file:db.sqlite3', 'file:///path'],
    ['file://server/db.sqlite3', 'file:///path'],
    ['gs://bkt', 'names no object'],
    ['gs://bkt/', 'names no object'],
    ['gs://bkt/folder/', 'names no object'],
    ['gs://Bkt/a.db', 'cannot be a bucket'],
    ['gs:///a.db', 'cannot be a bucket'],
    ['gs://ab/a.db', 'cannot be a bucket'],
    ['gs://acme..backups/a.db', 'a dot beside a dot'],
    ['gs://192.168.0.1/a.db', 'an IP address'],
    ['gs://my-google-bucket/a.db', 'Google keeps such names'],
    [`gs://${'a'.repeat(64)}/a.db`, 'at most 63 characters'],
    ['gcs://bkt/a.db', 'did you mean gs://bkt/a.db?'],
    ['gs:/bkt/a.db', 'did you mean gs://bkt/a.db?'],
    ['gs:bkt/a.db', 'did you mean gs://bkt/a.db?'],
    ['GS://bkt/a.db', 'did you mean gs://bkt/a.db?'],
    ['https://storage.googleapis.com/bkt/a.db', 'did you mean gs://bkt/a.db?'],
    ['https://console.cloud.google.com/storage/browser/bkt', 'is a page for a browser'],
    ['s3://bkt/a.db', 's3: is none of'],
    ['ftp://host/a.db', 'ftp: is none of'],
    ['http://example.com/a.db', 'must begin with https'],
    ['http://127.0.0.1.example.com/a.db', 'must begin with https'],
    ['https://u:p@example.com/a.db', 'must not carry a user or a password'],
    ['https://example.com/a.db#x', 'after #'],
    ['https://', 'is not an address'],
    ['ssh://h/srv/a.db', 'names no user'],
    ['ssh://u:p@h/srv/a.db', 'LIFEBOAT_SSH_KEY'],
    ['ssh://u@h', 'is not like ssh://'],
    ['ssh://u@h/~/a.db', '~ is not expanded'],
    ['ssh://u@h:99999/a.db', 'is not like ssh://'],
    ['u@h:/srv/a.db', 'did you mean ssh://u@h/srv/a.db?'],
  ])('%s is refused: %s', (text, says) => {
    expect(sourceAddressFault(text)).toContain(says);
  });
});

describe('a store', () => {
  test.each([
    ['backups', '/etc/backups'],
    ['/srv/backups/', '/srv/backups'],
    ['file:///srv/b%20c', '/srv/b c'],
    ['gs://bkt', 'gs://bkt'],
    ['gs://bkt/', 'gs://bkt'],
    ['gs://bkt/a/b/', 'gs://bkt/a/b'],
  ])('%s is %s', (text, url) => {
    expect(storeAddressFault(text)).toBeUndefined();
    expect(storeUrl(parseStoreAddress(text, '/etc'))).toBe(url);
  });

  test.each([
    ['', 'is empty'],
    ['~/backups', '~ is not expanded'],
    ['gs://', 'cannot be a bucket'],
    ['gs://a', 'cannot be a bucket'],
    ['gs://bkt//a', 'has a prefix'],
    ['gs://bkt/a?b', 'has a prefix'],
    ['gcs://bkt/a', 'did you mean gs://bkt/a?'],
    ['gs:/bkt', 'did you mean gs://bkt?'],
    ['s3://bkt', 's3: is none of a folder and gs://bucket'],
    ['https://example.com/backups', 'a store is a folder or gs://bucket'],
    ['file:backups', 'file:///path'],
  ])('%s is refused: %s', (text, says) => {
    expect(storeAddressFault(text)).toContain(says);
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

  test('is told only when one is meant', () => {
    expect([
      nearest('aa', ['ab', 'ac']),
      nearest('AB', ['ab', 'ac']),
      nearest('x1', ['ab']),
    ]).toEqual([undefined, 'ab', undefined]);
  });
});
