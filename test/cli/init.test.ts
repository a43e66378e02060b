import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { parseConfig } from '../../core/config/load.ts';
import { askAll } from '../../cli/init-questions.ts';
import { configText } from '../../core/setup/init/text.ts';
import { sql, SMALL } from '../support/databases.ts';
import { runCli } from '../support/cli.ts';
import { fingerprint, folder } from '../support/files.ts';

const init = async (cwd: string, ...args: string[]) => {
  const { status, stdout, stderr } = await runCli(cwd, ['init', '--json', ...args]);
  return {
    status,
    stderr,
    document: JSON.parse(stdout) as {
      databases: { name: string; source: string; framework?: string }[];
      error: { code: string };
    },
  };
};
const DJANGO =
  `create table django_migrations (id integer primary key, app text, name text, applied text);
  insert into django_migrations values (1, 'shop', '0001_initial', '2026-11-23');`.replace(
    'table django_migrations',
    'table "django_migrations"',
  );
const put = (cwd: string, path: string, text: string | { sql: string }) => {
  mkdirSync(dirname(join(cwd, path)), { recursive: true });
  if (typeof text === 'string') writeFileSync(join(cwd, path), text);
  else sql(join(cwd, path), text.sql);
};
const config = (cwd: string) => parseConfig(readFileSync(join(cwd, 'lifeboat.yaml'), 'utf8'), cwd);

describe('lifeboat init', () => {
  test('warns of a store on the disk of a database, which would fail with it', async () => {
    const cwd = folder();
    put(cwd, 'shop.db', { sql: SMALL });
    const { stdout } = await runCli(cwd, ['init', '--yes']);
    expect(stdout).toContain('The store ./backups is on the same disk as shop: if the disk fails');
    const again = await runCli(cwd, ['init', '--yes', '--force', '--store', 'gs://acme-backups']);
    expect(again.stdout).not.toContain('same disk');
  });

  test("finds the file that Django's settings name, and a backup works at once", async () => {
    vi.stubEnv('TZ', 'America/Sao_Paulo');
    const cwd = folder();
    put(cwd, 'manage.py', '');
    put(
      cwd,
      'site/settings.py',
      `DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': BASE_DIR / 'db.sqlite3'}}`,
    );
    put(cwd, 'db.sqlite3', { sql: SMALL + DJANGO });
    put(cwd, 'other.db', { sql: SMALL });
    const before = fingerprint(cwd);
    const { status, document } = await init(cwd, '--yes', '--email', 'ops@example.com');
    expect([status, document.databases]).toMatchObject([
      0,
      [{ source: 'db.sqlite3', framework: 'django' }],
    ]);
    const name = document.databases[0]?.name ?? '';
    const { databases, timeZone, notify } = config(cwd);
    expect([timeZone, notify.email?.to, databases[name]?.health.migrations.framework]).toEqual([
      'America/Sao_Paulo',
      ['ops@example.com'],
      'django',
    ]);
    expect(fingerprint(cwd).filter((line) => !line.startsWith('lifeboat.yaml'))).toEqual(before);
    expect((await runCli(cwd, ['backup', name])).status).toBe(0);
  });

  test.each<[string, (cwd: string) => void, string[]]>([
    [
      'PocketBase',
      (cwd) => {
        put(cwd, 'pb_data/data.db', { sql: SMALL });
        put(cwd, 'pb_data/auxiliary.db', { sql: SMALL });
      },
      ['pb_data/data.db'],
    ],
    [
      'Rails',
      (cwd) => {
        put(cwd, 'config/database.yml', 'production:\n  database: storage/production.sqlite3\n');
        put(cwd, 'storage/production.sqlite3', { sql: SMALL });
        put(cwd, 'storage/test.sqlite3', { sql: SMALL });
      },
      ['storage/production.sqlite3'],
    ],
    [
      'nothing in particular',
      (cwd) => {
        for (const path of [
          'a.db',
          'b/data.sqlite',
          'node_modules/x/c.db',
          '.git/d.db',
          'x/1/2/3/4/5/6/deep.db',
          'old/databases/q.db',
        ])
          put(cwd, path, { sql: SMALL });
        for (const path of ['empty.db', 'old/runs/x']) put(cwd, path, '');
        put(cwd, 'text.db', 'SQLite format 3, they said');
        put(cwd, 'a.db.before-restore-20261123T030000Z', 'SQLite format 3\0');
        symlinkSync('a.db', join(cwd, 'link.db'));
        symlinkSync('.', join(cwd, 'loop'));
      },
      ['a.db', 'b/data.sqlite'],
    ],
  ])('finds what is meant in a folder of %s', async (_, prepare, sources) => {
    const cwd = folder();
    prepare(cwd);
    expect((await init(cwd, '--yes')).document.databases.map(({ source }) => source)).toEqual(
      sources,
    );
    expect(Object.values(config(cwd).databases)).toHaveLength(sources.length);
  });

  test('takes sources, store, schedule and time zone from flags', async () => {
    const cwd = folder();
    put(cwd, 'it is: a "name".db', { sql: SMALL });
    const args = [
      '--source',
      'it is: a "name".db',
      '--source',
      'gs://acme-data/shop/db.sqlite3',
      '--store',
      'gs://acme-backups/x',
    ];
    const flags = ['--schedule', '*/30 * * * *', '--time-zone', 'Europe/Lisbon'];
    expect((await init(cwd, ...args, ...flags)).status).toBe(0);
    const { store, databases, timeZone } = config(cwd);
    expect([
      store,
      timeZone,
      Object.values(databases).map((each) => [each.name, each.source, each.schedule]),
    ]).toEqual([
      'gs://acme-backups/x',
      'Europe/Lisbon',
      [
        ['it-is-a-name', join(cwd, 'it is: a "name".db'), '*/30 * * * *'],
        ['shop', 'gs://acme-data/shop/db.sqlite3', '*/30 * * * *'],
      ],
    ]);
  });

  test.each<[string, string[], string]>([
    ['no terminal, and nothing given', [], 'usage'],
    ['nothing to be found', ['--yes'], 'usage'],
    ['a schedule that is none', ['--source', 'a.db', '--schedule', 'daily'], 'config_invalid'],
    ['a time zone that is none', ['--source', 'a.db', '--time-zone', 'Mars'], 'config_invalid'],
    ['an address that is none', ['--source', 'a.db', '--email', 'ops\nstore: x'], 'config_invalid'],
    ['a store that is none', ['--source', 'a.db', '--store', 's3://x'], 'config_invalid'],
    ['a source without the key of its server', ['--source', 'ssh://a@b/c.db'], 'config_invalid'],
    [
      'a folder that is not there',
      ['--source', 'a.db', '--config', 'no/such/lifeboat.yaml'],
      'usage',
    ],
  ])('%s ends with 2 and writes nothing', async (_, args, code) => {
    const cwd = folder();
    const { status, document } = await init(cwd, ...args);
    expect([status, document.error.code, readdirSync(cwd)]).toEqual([2, code, []]);
  });

  test('leaves a lifeboat.yaml alone, a dangling link too, and replaces it with --force', async () => {
    const cwd = folder();
    put(cwd, 'a.db', { sql: SMALL });
    put(cwd, 'lifeboat.yaml', 'mine');
    expect(await init(cwd, '--yes')).toMatchObject({
      status: 2,
      document: { error: { code: 'usage' } },
    });
    expect(readFileSync(join(cwd, 'lifeboat.yaml'), 'utf8')).toBe('mine');
    expect((await init(cwd, '--yes', '--force')).status).toBe(0);
    expect(Object.keys(config(cwd).databases)).toEqual(['a']);
    symlinkSync('/nonexistent/file', join(cwd, 'other.yaml'));
    expect((await init(cwd, '--yes', '--config', 'other.yaml')).status).toBe(2);
    expect(existsSync('/nonexistent')).toBe(false);
    const [old, ...others] = readdirSync(cwd)
      .sort()
      .filter((name) => !['a.db', 'lifeboat.yaml', 'other.yaml'].includes(name));
    expect([old, others]).toEqual([expect.stringMatching(/^lifeboat\.yaml\.before-init-\d+T/), []]);
    expect(readFileSync(join(cwd, old ?? ''), 'utf8')).toBe('mine');
  });

  test('keeps backups and databases that were set aside out of git', async () => {
    const cwd = folder();
    put(cwd, 'a.db', { sql: SMALL });
    put(cwd, '.git/HEAD', '');
    put(cwd, '.gitignore', '*.pyc');
    await init(cwd, '--yes', '--store', './kept here');
    const ignored = (): string => readFileSync(join(cwd, '.gitignore'), 'utf8');
    const expected = `*.pyc
# Databases and backups of Lifeboat
/kept here/
*.before-restore-*
`;
    expect(ignored()).toBe(expected);
    await init(cwd, '--yes', '--force', '--store', './kept here');
    await init(cwd, '--yes', '--force', '--store', '/mnt/backups');
    await init(cwd, '--yes', '--force', '--store', 'gs://acme-backups');
    expect(ignored()).toBe(expected);
  });

  test.each<[string, string[], string]>([
    ['daily at a time', ['2', '25:00', '4:05'], '5 4 * * *'],
    ['daily at the suggested time', ['', ''], '0 3 * * *'],
    ['weekly', ['weekly', 'someday', 'tue', ''], '0 3 * * 2'],
    ['hourly', ['1'], '0 * * * *'],
    ['by a cron expression', ['3am', '*/30 * * * *'], '*/30 * * * *'],
  ])('asks again after a wrong answer, and takes the schedule %s', async (_, answers, cron) => {
    const questions: string[] = [];
    const given = [...answers];
    const result = await askAll(
      async (question, suggestion) => {
        questions.push(question);
        if (question.startsWith('How') || question.startsWith('At') || question.startsWith('On'))
          return given.shift() || suggestion;
        if (question.startsWith('In which') && !questions.includes('again')) {
          questions.push('again');
          return 'Mars';
        }
        return suggestion;
      },
      [],
      { sources: ['a.db'], store: './b', schedule: '0 3 * * *', timeZone: 'UTC', email: '' },
      { say: () => undefined, isFile: () => true },
    );
    expect([result.schedule, result.timeZone, given]).toEqual([cron, 'UTC', []]);
    expect(questions.filter((question) => question.startsWith('In which'))).toHaveLength(2);
  });

  test('writes only keys that exist, those in its comments too', () => {
    const wanted = { store: './backups', schedule: '0 3 * * *', timeZone: 'UTC', email: undefined };
    const text = configText({
      ...wanted,
      databases: [{ name: 'shop', source: 'shop.db', framework: undefined }],
    });
    const all = text.replaceAll(/^( *)# (?=[a-zA-Z]+: [{[])/gm, '$1');
    expect(
      all.match(/^ *(health|retention|assertions|guard|copies|restoreTest|notify): /gm),
    ).toHaveLength(7);
    const { databases, notify } = parseConfig(all, '/');
    expect([databases['shop']?.health.migrations.framework, notify.email?.to]).toEqual([
      'django',
      ['ops@example.com'],
    ]);
  });
});
