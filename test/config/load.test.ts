import { describe, expect, test } from 'vitest';
import { adHocDatabase, parseConfig } from '../../core/config/load.ts';

const faults = (text: string): string => {
  try {
    parseConfig(text, '/etc/lifeboat');
  } catch (error) {
    expect(error).toMatchObject({ code: 'config_invalid', hint: expect.stringContaining('docs/configuration.md') });
    return (error as Error).message;
  }
  return 'none';
};

describe('the configuration', () => {
  test('has a default for everything but the source', () => {
    const { store, databases } = parseConfig('databases: { shop: { source: db.sqlite3 } }', '/etc/lifeboat');
    expect(store).toBe('/etc/lifeboat/backups');
    expect(databases['shop']).toEqual({
      name: 'shop',
      configured: true,
      source: '/etc/lifeboat/db.sqlite3',
      schedule: undefined,
      timeZone: 'UTC',
      fullEveryMs: 7 * 86_400_000,
      retention: { daily: 14, weekly: 8, monthly: 12, yearly: 3 },
      assertions: [],
      inspection: { integrity: 'full', sandboxLimit: 2 ** 30, timeoutMs: 1_800_000, allowEmpty: false, foreignKeys: 'warn' },
      recipients: [],
    });
  });

  test('takes paths relative to itself, absolute ones, and file: URLs', () => {
    const { store, databases } = parseConfig(
      'store: ../b\ndatabases: { a: { source: /srv/a.db }, b: { source: "file:///srv/b%20c.db" } }',
      '/etc/lifeboat',
    );
    expect([store, databases['a']?.source, databases['b']?.source]).toEqual(['/etc/b', '/srv/a.db', '/srv/b c.db']);
  });

  test('reports all faults at once, each with its path', () => {
    const told = faults(`
stor: x
databases:
  "bad name": { source: a.db }
  a: { source: a.db, retention: { daily: 0 }, timeZone: Mars/Olympus, full: { every: soon } }
  b: { schedule: hourly, encryption: { recipients: [gpg-key] } }
`);
    for (const path of [
      'stor',
      'databases.bad name',
      'databases.a.retention',
      'databases.a.timeZone',
      'databases.a.full.every',
      'databases.b.source',
      'databases.b.schedule',
      'databases.b.encryption.recipients.0',
    ])
      expect(told).toContain(path);
  });

  test.each([
    ['no YAML', 'a: [', /YAML/],
    ['a list', '- a', /fault/],
    ['a source of a later version', 'databases: { a: { source: "gs://bucket/a.db" } }', /databases\.a\.source/],
  ])('%s is refused', (_, text, says) => {
    expect(faults(text)).toMatch(says);
  });

  test.each([
    ['/srv/db.sqlite3', 'db'],
    ['/srv/my shop (1).db', 'my-shop--1-'],
    ['/srv/.hidden', 'hidden'],
    ['/srv/---', 'database'],
    [`/srv/${'x'.repeat(100)}.db`, 'x'.repeat(63)],
  ])('%s is called %s when it is given by its path', (path, name) => {
    expect(adHocDatabase(path)).toMatchObject({ name, source: path });
  });
});
