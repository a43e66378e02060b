import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createShop } from '../../demo/shop.ts';
import { runCli } from '../support/cli.ts';
import { sql, SMALL } from '../support/databases.ts';
import { BARE } from '../support/environment.ts';
import { folder } from '../support/files.ts';

const main = join(import.meta.dirname, '..', '..', 'cli', 'main.ts');
const run = (cwd: string, args: readonly string[], env: Record<string, string> = {}) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...BARE, TMPDIR: cwd, ...env },
  });
  return { status, stdout, stderr };
};
const json = (cwd: string, args: readonly string[], env: Record<string, string> = {}) => {
  const { status, stdout, stderr } = run(cwd, [...args, '--json'], env);
  expect(stdout.split('\n').filter(Boolean), stderr).toHaveLength(1);
  return { status, document: JSON.parse(stdout) as Record<string, unknown>, stderr };
};

const prepared = (): string => {
  const cwd = folder();
  sql(join(cwd, 'notes.db'), SMALL);
  return cwd;
};

describe('the command line', () => {
  test('backup, list, status, verify, restore, query, prune and retire each print one JSON document of the contract', () => {
    const cwd = prepared();
    const backup = json(cwd, ['backup', 'notes.db', '--reason', 'schedule']);
    const shape = {
      id: expect.stringMatching(/^\d{8}T\d{6}Z-[0-9a-f]{8}$/),
      database: 'notes',
      kind: 'full',
      parent: null,
      verdict: 'ok',
      pages: { size: 4096, count: expect.any(Number), stored: expect.any(Number) },
      size: expect.any(Number),
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      storedBytes: expect.any(Number),
      checks: expect.arrayContaining([
        { name: 'integrity', result: 'ok', engine: 'sql.js', detail: 'integrity_check' },
      ]),
      expires: expect.stringMatching(/Z$/),
    };
    expect(backup).toMatchObject({
      status: 0,
      document: { ok: true, ...shape, durationMs: expect.any(Number) },
    });
    const { id, sha256 } = backup.document;
    expect(json(cwd, ['list']).document).toMatchObject({ ok: true, backups: [shape] });
    expect(json(cwd, ['status', '--check'])).toMatchObject({
      status: 0,
      document: {
        ok: true,
        databases: [
          {
            name: 'notes',
            lastBackup: { id },
            lastFailure: null,
            lastRestoreTest: null,
            nextBackup: null,
            fresh: true,
            backups: 1,
            storedBytes: expect.any(Number),
          },
        ],
      },
    });
    expect(json(cwd, ['verify', 'notes', '--read-data']).document).toEqual({
      ok: true,
      backups: [{ id, takenAt: expect.any(String), ok: true, problems: [] }],
      promoted: [],
    });
    const restored = json(cwd, ['restore', 'notes', '--to', 'back.db']).document;
    expect(restored).toMatchObject({
      ok: true,
      id,
      database: 'notes',
      to: join(cwd, 'back.db'),
      sha256,
      checks: expect.any(Array),
      durationMs: expect.any(Number),
    });
    expect(json(cwd, ['query', 'notes', 'select count(*) as n from notes']).document).toEqual({
      ok: true,
      columns: ['n'],
      rows: [[400]],
      backup: { id, takenAt: restored['takenAt'] },
    });
    expect(json(cwd, ['prune', '--dry-run']).document).toEqual({ ok: true, removed: [] });
    expect(json(cwd, ['retire', 'notes']).document).toEqual({ ok: true, released: 1 });
    expect(json(cwd, ['keygen']).document).toMatchObject({
      ok: true,
      identity: expect.stringMatching(/^AGE-SECRET-KEY-1/),
      recipient: expect.stringMatching(/^age1/),
    });
  });

  const FAILURES: readonly (readonly [
    string,
    readonly string[],
    number,
    string,
    Record<string, string>?,
  ])[] = [
    ['an unknown command', ['bakcup'], 2, 'usage'],
    ['an unknown option', ['backup', 'notes.db', '--nope'], 2, 'usage'],
    ['a wrong choice', ['backup', 'notes.db', '--kind', 'half'], 2, 'usage'],
    ['a missing argument', ['restore', 'notes'], 2, 'usage'],
    ['a missing configuration', ['list', '--config', 'no.yaml'], 2, 'config_invalid'],
    ['an unsupported store', ['list', '--store', 'ftp://x'], 2, 'config_invalid'],
    ['a missing source', ['backup', 'no.db'], 3, 'source_unreachable'],
    ['a mistyped database', ['backup', 'notex'], 3, 'source_unreachable'],
    ['an unknown database', ['restore', 'nobody', '--to', 'x.db'], 4, 'not_found'],
    ['a list of an unknown database', ['list', 'nobody'], 4, 'not_found'],
    ['a verify of an unknown database', ['verify', 'nobody'], 4, 'not_found'],
    ['a retire of an unknown database', ['retire', 'nobody'], 4, 'not_found'],
    [
      'an unknown id',
      ['restore', 'notes', '--to', 'x.db', '--at', '20200101T000000Z-00000000'],
      4,
      'not_found',
    ],
    ['an invalid time', ['restore', 'notes', '--to', 'x.db', '--at', 'yesterdayish'], 2, 'usage'],
    ['an existing target', ['restore', 'notes', '--to', 'notes.db'], 2, 'usage'],
    ['a missing target folder', ['restore', 'notes', '--to', 'no/such/x.db'], 2, 'usage'],
    ['a statement that writes', ['query', 'notes', 'delete from notes'], 2, 'usage'],
    ['an invalid key', ['list'], 8, 'key_wrong', { LIFEBOAT_KEY: 'short' }],
  ];

  test('each failure has its exit status, code and hint, in JSON and in words', () => {
    const cwd = prepared();
    run(cwd, ['backup', 'notes.db']);
    for (const [what, args, status, code, env] of FAILURES) {
      const told = json(cwd, args, env);
      expect(told, what).toMatchObject({
        status,
        document: {
          ok: false,
          error: { code, message: expect.any(String), hint: expect.stringMatching(/\.$/) },
        },
      });
      const words = run(cwd, args, env);
      expect([words.status, words.stdout], what).toEqual([status, '']);
      expect(words.stderr, what).toMatch(/error: .+\nhint: .+\.\n$/);
    }
    expect(readdirSync(cwd).sort()).toEqual(['backups', 'notes.db']);
  });

  test('without a command prints the help and exits with 2', () => {
    const cwd = folder();
    expect(json(cwd, [])).toMatchObject({
      status: 2,
      document: { ok: false, error: { code: 'usage' } },
    });
    expect(run(cwd, [])).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(/^Usage: lifeboat [^]*Examples:/),
    });
  });

  test('a mistyped name leaves nothing in the store and suggests the right one', () => {
    const cwd = prepared();
    expect(run(cwd, ['backup', 'notex']).stderr).toContain('run `lifeboat init`');
    expect(readdirSync(cwd)).toEqual(['notes.db']);
    writeFileSync(join(cwd, 'lifeboat.yaml'), 'databases: { notes: { source: notes.db } }\n');
    run(cwd, ['backup', 'notes']);
    const { stderr } = run(cwd, ['backup', 'notex']);
    expect(stderr).toBe(
      'error: no database `notex` in lifeboat.yaml, and no such file\nhint: Did you mean `notes`?\n',
    );
    expect(run(cwd, ['list', 'zzz']).stderr).toBe(
      `error: there are no backups of zzz in ${join(cwd, 'backups')}\nhint: Databases in the store: notes.\n`,
    );
    const stored = readdirSync(join(cwd, 'backups'), { recursive: true, encoding: 'utf8' });
    expect(stored.filter((name) => /notex|zzz/.test(name))).toEqual([]);
  });

  test('a missing file with earlier backups is a failed run', () => {
    const cwd = prepared();
    run(cwd, ['backup', 'notes.db']);
    rmSync(join(cwd, 'notes.db'));
    expect(json(cwd, ['backup', 'notes.db'])).toMatchObject({
      status: 3,
      document: { error: { code: 'source_unreachable' } },
    });
    expect(json(cwd, ['status', 'notes']).document).toMatchObject({
      lastFailure: { code: 'source_unreachable' },
    });
  });

  test('--help and --version succeed, and each command explains itself', async () => {
    const cwd = folder();
    expect(run(cwd, ['--version'])).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
    const help = run(cwd, ['--help']);
    expect(help).toMatchObject({ status: 0, stdout: expect.stringContaining('Exit status') });
    const commands = [...help.stdout.matchAll(/^ {2}([a-z][a-z-]+) .*  /gm)].map(
      ([, name = '']) => name,
    );
    expect(commands).toEqual(expect.arrayContaining(['backup', 'restore', 'retire', 'trigger']));
    expect(commands.length).toBeGreaterThan(20);
    for (const command of commands.filter((name) => !['help', 'lifeboat'].includes(name)))
      expect(await runCli(cwd, [command, '--help'])).toMatchObject({
        status: 0,
        stdout: expect.stringContaining(`lifeboat ${command}`),
      });
    expect(readdirSync(cwd)).toEqual([]);
  });

  test('logs are JSON lines on stderr when it is not a terminal, and contain no secret', () => {
    const cwd = prepared();
    writeFileSync(join(cwd, 'no.db'), 'this is no database'.repeat(99));
    const { stderr } = run(cwd, ['backup', 'no.db'], { LIFEBOAT_KEY: '5e'.repeat(32) });
    const [log = ''] = stderr.split('\n');
    expect(JSON.parse(log)).toMatchObject({
      severity: 'ERROR',
      message: expect.stringContaining('backup of no failed'),
      code: 'source_invalid',
    });
    expect(stderr).not.toContain('5e5e');
  });

  test('--quiet prints nothing but errors', () => {
    const cwd = prepared();
    expect(run(cwd, ['backup', 'notes.db', '--quiet'])).toMatchObject({
      status: 0,
      stdout: '',
      stderr: '',
    });
  });

  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s ends a backup with 130 and leaves no backup, temporary folder or half-written object',
    async (signal) => {
      const cwd = folder();
      createShop(join(cwd, 'shop.db'), 24 * 2 ** 20);
      const child = spawn(process.execPath, [main, 'backup', 'shop.db', '--json'], {
        cwd,
        env: { ...BARE, TMPDIR: cwd },
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      let out = '';
      child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
      const working = () => readdirSync(cwd).some((name) => /^lifeboat-\d/.test(name));
      while (!working() && child.exitCode === null)
        await new Promise((resolve) => setTimeout(resolve, 5));
      child.kill(signal);
      const [status] = (await once(child, 'close')) as [number | null];
      expect(status).toBe(130);
      expect(JSON.parse(out)).toMatchObject({ ok: false, error: { code: 'interrupted' } });
      expect(readdirSync(cwd).filter((name) => name.startsWith('lifeboat-'))).toEqual([]);
      expect(json(cwd, ['list']).document).toEqual({ ok: true, backups: [] });
      expect(
        readdirSync(join(cwd, 'backups'), { recursive: true, encoding: 'utf8' }).filter((name) =>
          name.includes('.tmp-'),
        ),
      ).toEqual([]);
    },
  );

  test('status --check exits with 9 when a backup is late or missing', () => {
    const cwd = prepared();
    writeFileSync(
      join(cwd, 'lifeboat.yaml'),
      'databases: { notes: { source: notes.db, schedule: "0 3 * * *" } }',
    );
    expect(json(cwd, ['status', '--check'])).toMatchObject({
      status: 9,
      document: {
        ok: false,
        version: 1,
        databases: [{ name: 'notes' }],
        error: { code: 'stale', message: 'missing: notes' },
      },
    });
    const words = run(cwd, ['status', '--check']);
    expect(words).toMatchObject({
      status: 9,
      stdout: expect.stringMatching(/^DATABASE [^]*\nnotes +missing /),
    });
    expect(words.stderr).toContain('error: missing: notes\nhint: ');
    expect(run(cwd, ['status', '--check', '--quiet'])).toMatchObject({ status: 9, stdout: '' });
    expect(json(cwd, ['status', 'notes', '--check']).status).toBe(9);
    expect(json(cwd, ['status'])).toMatchObject({
      status: 0,
      document: {
        databases: [
          { name: 'notes', fresh: false, nextBackup: expect.stringMatching(/T03:00:00/) },
        ],
      },
    });
    expect(json(cwd, ['backup', 'notes']).status).toBe(0);
    expect(json(cwd, ['status', '--check']).status).toBe(0);
    expect(json(cwd, ['status', 'notes'])).toMatchObject({
      status: 0,
      document: {
        ok: true,
        version: 1,
        name: 'notes',
        condition: 'good',
        history: [{ rows: { notes: 400 } }],
        manifest: { database: 'notes' },
      },
    });
    expect(json(cwd, ['status', 'nobody'])).toMatchObject({
      status: 4,
      document: { ok: false, error: { code: 'not_found' } },
    });
  });

  test('doctor exits with the status of the first fault and prints what to do', () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'lifeboat.yaml'), 'databases: { shop: { source: shop.db } }\n');
    expect(json(cwd, ['doctor'])).toMatchObject({
      status: 3,
      document: {
        ok: false,
        findings: expect.any(Array),
        error: { code: 'source_unreachable' },
      },
    });
    const text = run(cwd, ['doctor']);
    expect([text.status, text.stdout]).toEqual([
      3,
      expect.stringMatching(/\nsource +PROBLEM +shop: /),
    ]);
    expect(text.stderr).toMatch(/error: 1 problem and \d+ warnings\. First: shop: .*\nhint: /);
    writeFileSync(join(cwd, 'lifeboat.yaml'), 'databases: 3\n');
    expect(run(cwd, ['doctor', '--json']).status).toBe(2);
  });
});
