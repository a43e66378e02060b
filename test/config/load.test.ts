import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { adHocDatabase, loadConfig, parseConfig } from '../../core/config/load.ts';
import { jsonSchema } from '../../core/config/schema.ts';
import { folder } from '../support/files.ts';

const HOST_KEY = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${'B'.repeat(43)}`;
const WHOLE = `
store: gs://acme-backups/prod/
copies: [/mnt/nas/backups, ../more]
locale: pt-BR
timeZone: America/Sao_Paulo
databases:
  shop:
    source: ssh://backup@10.0.0.5:2222/srv/shop/db.sqlite3
    ssh: { hostKey: "${HOST_KEY}" }
    schedule: "0 3 * * *"
    timeZone: Europe/Lisbon
    maxSize: 2GiB
    full: { every: 7d }
    retention: { daily: 14, weekly: 8, monthly: 12, yearly: 3 }
    health: { url: http://10.0.0.5/healthz, timeout: 3s, required: false, migrations: { framework: django, expect: [shop.0042_add_index] } }
    assertions: [{ name: has users, sql: select count(*) > 0 from auth_user }]
    guard: { shrink: false, tables: false, ignore: [django_session], minimumRows: 0, minimumSize: 1MiB }
    encryption: { recipients: [age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p] }
  wiki: { source: "https://wiki.example.com/export/db.sqlite3?part=all", https: { auth: google, audience: wiki } }
space: { reserve: 1GiB }
restoreTest: { schedule: false, older: 0 }
watch: { schedule: "15 * * * *", timeZone: UTC, grace: 3h, ping: https://hc-ping.com/1234, key: off }
backupNow: { accept: true, reasons: [manual] }
notify:
  email: { to: [ops@example.com], from: "Backups <backups@example.com>", provider: smtp }
  slack:
  telegram: { chat: -100123 }
  webhook: { url: https://example.com/hook }
  repeat: 12h
`;

const faults = (text: string, more?: Parameters<typeof parseConfig>[2]): string => {
  try {
    parseConfig(text, '/etc/lifeboat', more);
  } catch (error) {
    expect(error).toMatchObject({ code: 'config_invalid' });
    return (error as Error).message;
  }
  return 'none';
};

describe('the configuration', () => {
  test('has a default for everything but the source', () => {
    const { databases, ...rest } = parseConfig(
      'databases: { shop: { source: db.sqlite3 } }',
      '/etc/lifeboat',
    );
    expect(rest).toEqual({
      store: '/etc/lifeboat/backups',
      copies: [],
      locale: 'en',
      timeZone: 'UTC',
      space: { reserve: { share: 0.1 } },
      restoreTest: { schedule: '0 5 1 * *', timeZone: 'UTC', older: 1 },
      watch: {
        schedule: '15 * * * *',
        timeZone: 'UTC',
        graceMs: 7_200_000,
        ping: undefined,
        key: 'require',
      },
      backupNow: { accept: false, reasons: ['pre-deploy', 'pre-push'] },
      notify: {
        email: undefined,
        slack: undefined,
        telegram: undefined,
        webhook: undefined,
        repeatMs: 86_400_000,
      },
    });
    expect(databases['shop']).toEqual({
      name: 'shop',
      configured: true,
      source: '/etc/lifeboat/db.sqlite3',
      origin: { kind: 'file', path: '/etc/lifeboat/db.sqlite3' },
      schedule: undefined,
      timeZone: 'UTC',
      run: 'function',
      fullEveryMs: 7 * 86_400_000,
      retention: { daily: 14, weekly: 8, monthly: 12, yearly: 3 },
      health: {
        url: undefined,
        timeoutMs: 10_000,
        required: true,
        migrations: { framework: undefined, expect: [] },
      },
      assertions: [],
      guard: { shrink: 0.5, tables: true, ignore: [], minimumRows: 100, minimumSize: 256 * 1024 },
      inspection: {
        integrity: 'full',
        sandboxLimit: 2 ** 30,
        timeoutMs: 1_800_000,
        allowEmpty: false,
        foreignKeys: 'warn',
      },
      recipients: [],
    });
  });

  test('accepts every key', () => {
    const { databases, ...rest } = parseConfig(WHOLE, '/etc/lifeboat');
    expect(rest).toEqual({
      store: 'gs://acme-backups/prod',
      copies: ['/mnt/nas/backups', '/etc/more'],
      locale: 'pt-BR',
      timeZone: 'America/Sao_Paulo',
      space: { reserve: { bytes: 2 ** 30 } },
      restoreTest: { schedule: false, timeZone: 'America/Sao_Paulo', older: 0 },
      watch: {
        schedule: '15 * * * *',
        timeZone: 'UTC',
        graceMs: 10_800_000,
        ping: 'https://hc-ping.com/1234',
        key: 'off',
      },
      backupNow: { accept: true, reasons: ['manual'] },
      notify: {
        email: { to: ['ops@example.com'], from: 'Backups <backups@example.com>', provider: 'smtp' },
        slack: {},
        telegram: { chat: '-100123' },
        webhook: { url: 'https://example.com/hook' },
        repeatMs: 43_200_000,
      },
    });
    expect(databases['shop']).toMatchObject({
      source: 'ssh://backup@10.0.0.5:2222/srv/shop/db.sqlite3',
      origin: {
        kind: 'ssh',
        user: 'backup',
        host: '10.0.0.5',
        port: 2222,
        path: '/srv/shop/db.sqlite3',
        hostKeys: [HOST_KEY],
      },
      timeZone: 'Europe/Lisbon',
      health: {
        url: 'http://10.0.0.5/healthz',
        timeoutMs: 3000,
        required: false,
        migrations: { framework: 'django', expect: ['shop.0042_add_index'] },
      },
      guard: {
        shrink: false,
        tables: false,
        ignore: ['django_session'],
        minimumRows: 0,
        minimumSize: 2 ** 20,
      },
    });
    expect(databases['wiki']).toMatchObject({ timeZone: 'America/Sao_Paulo' });
  });

  test('reports all errors at once, each with its path and line, including those that concern several keys', () => {
    const told = faults(`
stor: x
databases:
  "bad name": { source: a.db }
  a: { source: a.db, retention: { daily: 0 }, timeZone: Mars/Olympus, maxSize: 2GB, full: { every: soon } }
  b: { schedule: hourly, encryption: { recipients: [gpg-key] } }
  B:
    source: ssh://u@h/db
    retension: {}
copies: [./backups]
notify: { email: { to: [] } }
`);
    for (const place of [
      'databases.bad name (line 4)',
      'databases.a.retention.daily (line 5)',
      'databases.a.timeZone (line 5)',
      'databases.a.maxSize (line 5)',
      'databases.a.full.every (line 5)',
      'databases.b.source (line 6)',
      'databases.b.schedule (line 6)',
      'databases.b.encryption.recipients.0 (line 6)',
      'databases.B (line 8)',
      'databases.B.ssh.hostKey (line 8)',
      'copies.0 (line 10)',
      'notify.email.to (line 11)',
      'notify.email.from (line 11)',
    ])
      expect(told).toContain(`\n  ${place}: `);
    for (const place of ['`stor` (line 2)', '`databases.B.retension` (line 9)'])
      expect(told).toContain(`\n  unknown key ${place}. Did you mean `);
    expect(told).toContain('has 15 problems:\n');
  });

  test.each([
    ['stor: x', 'unknown key `stor` (line 1). Did you mean `store`?'],
    ['timezone: UTC', 'Did you mean `timeZone`?'],
    ['databases: { a: { source: a, retension: {} } }', 'Did you mean `retention`?'],
    ['databases: { a: { source: a, guard: { shirnk: 1% } } }', 'Did you mean `shrink`?'],
    [
      'databases: { a: { source: a, health: { migrations: { expct: [] } } } }',
      'Did you mean `expect`?',
    ],
    [
      'notify: { pager: {} }',
      'Possible keys: email, slack, telegram, ntfy, discord, teams, command, webhook, repeat.',
    ],
    ['locale: pt-br', 'Did you mean `pt-BR`?'],
    ['timeZone: america/sao_paulo', 'Did you mean `America/Sao_Paulo`?'],
    ['timeZone: "+03:00"', 'is not a time zone'],
    [
      'notify: { slack: { url: https://hooks.slack.com/services/SECRET } }',
      'environment variable SLACK_WEBHOOK_URL',
    ],
    [
      'databases: { a: { source: a, encryption: { recipients: [AGE-SECRET-KEY-1SECRET] } } }',
      'is a secret identity',
    ],
    [
      'databases: { a: { source: a, encryption: { identity: AGE-SECRET-KEY-1SECRET } } }',
      'environment variable LIFEBOAT_IDENTITY',
    ],
  ])('%s: says %s', (text, says) => {
    expect(faults(text)).toContain(says);
    expect(faults(text)).not.toContain('SECRET-KEY-1SECRET');
    expect(faults(text)).not.toContain('services/SECRET');
  });

  test.each([
    ['no YAML', 'a: [', /not valid YAML/],
    ['a key twice', 'store: a\nstore: b', /not valid YAML: .*unique.* line 2/],
    ['a list', '- a', /the file.*must be a block of keys/],
    ['a block that is empty', 'notify:', /notify.*is empty: add a value, or remove the key/],
    [
      'a number for a text',
      'databases: { a: { source: a, health: { migrations: { expect: [0042] } } } }',
      /expect\.0.*put it in quotes/,
    ],
    ['a text for a list', 'copies: ./x', /copies.*must be a list/],
    [
      'a number that is too large',
      'databases: { a: { source: a, retention: { daily: 1001 } } }',
      /must be at most 1000/,
    ],
    [
      'a duration that is too long',
      'databases: { a: { source: a, health: { timeout: 1d } } }',
      /must be between 1s and 5m/,
    ],
    [
      'a share of nothing',
      'databases: { a: { source: a, guard: { shrink: 0% } } }',
      /must look like 50%, or be false/,
    ],
    [
      'a share of too much',
      'databases: { a: { source: a, guard: { shrink: 101% } } }',
      /must look like 50%, or be false/,
    ],
    [
      'shrink: true',
      'databases: { a: { source: a, guard: { shrink: true } } }',
      /must look like 50%, or be false/,
    ],
    [
      'an address of e-mail that is none',
      'notify: { email: { to: [ops], from: a@b.c } }',
      /notify\.email\.to\.0.*is not an email address/,
    ],
    [
      'a sender on two lines',
      'notify: { email: { to: [a@b.c], from: "x\\nBcc: y <a@b.c>" } }',
      /notify\.email\.from/,
    ],
    [
      'a webhook in the clear',
      'notify: { webhook: { url: http://example.com } }',
      /must begin with https/,
    ],
    [
      'a webhook with a password',
      'notify: { webhook: { url: "https://a:b@example.com" } }',
      /must not contain a user or a password/,
    ],
    ['an ntfy topic that is none', 'notify: { ntfy: { topic: a/b } }', /must be a topic/],
    ['a command that is none', 'notify: { command: {} }', /either `run` or `shell`/],
    ['two commands', 'notify: { command: { run: [a], shell: b } }', /either `run` or `shell`/],
    ['a command that takes too long', 'notify: { command: { run: [a], timeout: 1m } }', /14s/],
    ['a chat that is none', 'notify: { telegram: { chat: me } }', /must look like "-100123"/],
  ])('%s is refused', (_, text, says) => {
    expect(faults(text)).toMatch(says);
  });

  test.each([
    ['0 3 * * *', 'none'],
    ['0 3 * * MON-FRI', 'none'],
    ['*/15 0-5,22 1 JAN *', 'none'],
    ['0 0 29 2 *', 'none'],
    ['0 0 30 2 *', 'never fires'],
    ['0 0 31 4,6,9,11 *', 'never fires'],
    ['60 * * * *', 'Invalid value for minute'],
    ['* * * *', 'five fields'],
    ['0 0 3 * * *', 'five fields'],
    ['@daily', 'five fields'],
    ['0 3 L * *', 'is not a cron expression'],
    ['0 3 ? * 1#2', 'is not a cron expression'],
    ['5/2 * * * *', 'is not a cron expression'],
  ])('the schedule %s: %s', (schedule, says) => {
    expect(faults(`databases: { a: { source: a, schedule: "${schedule}" } }`)).toContain(says);
    expect(faults(`watch: { schedule: "${schedule}" }`)).toContain(says);
  });

  test('a schedule that begins with * and has no quotes gets a hint', () => {
    expect(() => parseConfig('watch:\n  schedule: */5 * * * *\n', '/')).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('quotes') }),
    );
  });

  test.each([
    [
      { inCloud: true },
      'databases: { a: { source: /srv/a.db } }\nstore: gs://bkt',
      /databases\.a\.source .*cloud function/,
    ],
    [{ inCloud: true }, '', /store.* is a folder, which is lost when a cloud function/],
    [
      { inCloud: true },
      'store: gs://bkt\ncopies: [gs://other, /mnt/nas]',
      /copies\.1 .*only hosts can/,
    ],
    [
      { inCloud: true },
      'store: gs://bkt\ncopies: [gs://other]\ndatabases: { a: { source: gs://b-1/o.db } }',
      /^none$/,
    ],
    [{ inCloud: true, store: '/backups' }, 'store: gs://bkt', /LIFEBOAT_STORE: is a folder/],
    [{ inCloud: true, store: 'gs://bkt' }, '', /^none$/],
    [{ store: 'gcs://bkt' }, '', /LIFEBOAT_STORE: .*Did you mean gs:\/\/bkt\?/],
    [{}, 'store: gs://bkt/a\ncopies: [gs://bkt/a/]', /copies\.0.*is the store itself/],
    [{}, 'store: gs://bkt\ncopies: [/mnt/a, /mnt/../mnt/a]', /copies\.1.*is listed twice/],
    [
      {},
      'databases: { a: { source: a }, A: { source: b } }',
      /databases\.A .*differs from a only in case/,
    ],
    [
      {},
      'databases: { a: { source: a, ssh: { hostKey: x } } }',
      /databases\.a\.ssh .*is for ssh:\/\/ sources only; this one is a file/,
    ],
    [
      {},
      'databases: { a: { source: "https://x.y/a", https: { audience: z } } }',
      /`auth: google` only/,
    ],
  ])('with %j, %s: %s', (more, text, says) => {
    expect(faults(text, more)).toMatch(says);
  });

  test('a copy is left out when --store names it', () => {
    expect(
      parseConfig('store: gs://bkt\ncopies: [/mnt/a, /mnt/b]', '/', { store: '/mnt/a' }),
    ).toMatchObject({
      store: '/mnt/a',
      copies: ['/mnt/b'],
    });
  });

  test('a name that every object has is no database', () => {
    expect(parseConfig('', '/').databases['constructor']).toBeUndefined();
    expect(
      parseConfig('databases: { constructor: { source: a } }', '/').databases['constructor'],
    ).toMatchObject({ name: 'constructor' });
  });

  test('~/ is the home folder in every path, where there is one', async () => {
    const cwd = folder();
    writeFileSync(
      join(cwd, 'lifeboat.yaml'),
      'store: ~/backups\ncopies: [~/copy]\ndatabases: { a: { source: ~/a.db } }\n',
    );
    const load = (env: Record<string, string>, store?: string) =>
      loadConfig({ cwd, env, store, inCloud: false });
    const { store, copies, databases } = await load({ HOME: '/home/me' });
    expect([store, copies, databases['a']?.source]).toEqual([
      '/home/me/backups',
      ['/home/me/copy'],
      '/home/me/a.db',
    ]);
    expect((await load({ HOME: '/home/me' }, '~/other')).store).toBe('/home/me/other');
    await expect(load({})).rejects.toThrow(/store.*only where HOME is set/);
  });

  test('a store that is named on the command line is relative to the current folder, one of the file to the file', async () => {
    const load = (store?: string) =>
      loadConfig({
        cwd: '/',
        env: {},
        inCloud: false,
        ...(store === undefined ? {} : { store }),
      }).then((config) => config.store);
    expect([await load(), await load('b'), await load('gs://bkt/')]).toEqual([
      '/backups',
      '/b',
      'gs://bkt',
    ]);
  });
});

describe('a database that is given by its path', () => {
  test.each([
    ['/srv/db.sqlite3', 'db'],
    ['/srv/my shop (1).db', 'my-shop--1-'],
    ['/srv/.hidden', 'hidden'],
    ['/srv/---', 'database'],
    ['/srv/12:30.db', '12-30'],
    [`/srv/${'x'.repeat(100)}.db`, 'x'.repeat(63)],
  ])('%s is called %s', (path, name) => {
    expect(adHocDatabase(path, '/')).toMatchObject({
      name,
      source: path,
      origin: { kind: 'file', path },
      configured: false,
    });
  });

  test('may be an object in a bucket, but not a source that needs further keys', () => {
    expect(adHocDatabase('gs://bkt/a/shop.db', '/')).toMatchObject({
      name: 'shop',
      source: 'gs://bkt/a/shop.db',
    });
    expect(adHocDatabase('shop.db', '/srv')).toMatchObject({
      name: 'shop',
      source: '/srv/shop.db',
    });
    for (const source of [
      'ssh://u@h/a.db',
      'gcs://bkt/a.db',
      'http://example.com/a.db?SECRET',
      'https://u:SECRET@example.com/a.db',
    ])
      expect(() => adHocDatabase(source, '/')).toThrow(
        expect.objectContaining({ code: 'usage', message: expect.not.stringContaining('SECRET') }),
      );
  });
});

describe('docs/lifeboat.schema.json', () => {
  test('is what `npm run schema` makes of the definition', () => {
    const path = join(import.meta.dirname, '..', '..', 'docs', 'lifeboat.schema.json');
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(
      JSON.parse(JSON.stringify(jsonSchema())),
    );
  });

  test('describes every key', () => {
    const bare: string[] = [];
    const walk = (schema: unknown, path: string): void => {
      if (typeof schema !== 'object' || schema === null) return;
      for (const [key, value] of Object.entries(schema)) {
        if (key === 'properties')
          for (const [name, each] of Object.entries(
            value as Record<string, { description?: string }>,
          ))
            if (each.description?.endsWith('.') !== true) bare.push(`${path}.${name}`);
        walk(value, `${path}.${key}`);
      }
    };
    walk(jsonSchema(), '');
    expect(bare).toEqual([]);
  });
});
