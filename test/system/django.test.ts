import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chmodSync, cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { dev } from '../support/dev.ts';
import { sql, SMALL } from '../support/databases.ts';
import { folder } from '../support/files.ts';
import { cliOutput } from '../support/cli-output.ts';

const root = join(import.meta.dirname, '..', '..');
const python = '/usr/bin/python3';
type Settings = Partial<
  Record<'STATUS_URL' | 'BACKUP_URL' | 'DATABASE' | 'AUDIENCE' | 'CONFIG', string> & {
    COMMAND: readonly string[];
  }
>;
/** The program of this working copy. */
const COMMAND = [join(root, 'node_modules/.bin/node'), join(root, 'cli/main.ts')];

/** A Django project with the app installed. */
const project = (settings: Settings) => {
  const cwd = folder();
  execFileSync(python, ['-m', 'django', 'startproject', 'site_of_shop', cwd]);
  cpSync(join(root, 'examples/django/lifeboat_backups'), join(cwd, 'lifeboat_backups'), {
    recursive: true,
  });
  const lines = [
    `INSTALLED_APPS += ["lifeboat_backups"]`,
    `LIFEBOAT = ${JSON.stringify(settings)}`,
  ];
  appendFileSync(join(cwd, 'site_of_shop/settings.py'), `\n${lines.join('\n')}\n`);
  const programs = join(cwd, 'programs');
  mkdirSync(programs);
  const manage = async (args: readonly string[], env: Record<string, string> = {}) => {
    const child = spawn(python, ['manage.py', ...args], {
      cwd,
      // An address without a metadata server.
      env: {
        PATH: `${programs}:/usr/bin:/bin`,
        HOME: cwd,
        GCE_METADATA_HOST: '127.0.0.1:9',
        PYTHONDONTWRITEBYTECODE: '1',
        ...env,
      },
    });
    const said = { out: '', err: '' };
    child.stdout.on('data', (part: Buffer) => (said.out += part.toString()));
    child.stderr.on('data', (part: Buffer) => (said.err += part.toString()));
    const [status] = (await once(child, 'close')) as [number];
    return { status, ...said };
  };
  return { cwd, programs, manage };
};

const serve = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
};

// The ages of two programs may differ by a minute.
const withoutAges = (text: string): string =>
  text.replaceAll(/\b(now|(in )?\d+ (min|h|days)( ago)?)\b */g, '').replaceAll(/ {2,}/g, ' ');

describe('the Django app', () => {
  test('shows the status and backs up against a running lifeboat dev', async () => {
    const cwd = folder();
    sql(join(cwd, 'shop.db'), SMALL);
    const databases = 'shop: { source: shop.db, schedule: "0 3 * * *" }, gone: { source: gone.db }';
    writeFileSync(join(cwd, 'lifeboat.yaml'), `databases: { ${databases} }\n`);
    const running = dev(cwd);
    const url = await running.address();
    const { manage } = project({
      STATUS_URL: `${url}/status`,
      BACKUP_URL: `${url}/backup-now`,
      DATABASE: 'shop',
    });
    // Missed backups run at the start.
    await expect.poll(() => running.said.err, { timeout: 60_000 }).toContain('backup of shop done');
    await expect
      .poll(async () => (await manage(['backup_status', '--json'])).out, { timeout: 60_000 })
      .toContain('"verdict"');

    const made = await manage([
      'backup_now',
      '--json',
      '--reason',
      'pre-push',
      '--idempotency-key',
      'release-7',
      '--kind',
      'full',
    ]);
    expect(made.status, made.err).toBe(0);
    const backup = JSON.parse(made.out) as { id: string };
    expect(backup).toMatchObject({
      ok: true,
      database: 'shop',
      kind: 'full',
      verdict: 'ok',
      reason: 'pre-push',
    });
    const again = await manage([
      'backup_now',
      '--reason',
      'pre-push',
      '--idempotency-key',
      'release-7',
      '--kind',
      'full',
    ]);
    expect(again).toMatchObject({
      status: 0,
      out: expect.stringMatching(
        new RegExp(`^${backup.id}: full, .* KiB stored as .*, verdict ok\n$`),
      ),
    });

    const status = await manage(['backup_status']);
    expect(status).toMatchObject({ status: 0, err: '' });
    expect(status.out).toMatch(
      /^DATABASE +CONDITION [^]*\ngone +missing +never [^]*\nshop +good +now /,
    );
    expect(withoutAges(status.out)).toBe(withoutAges(cliOutput(cwd, ['status'])));
    expect(JSON.parse((await manage(['backup_status', '--json'])).out)).toMatchObject({
      version: 1,
      condition: 'missing',
      databases: [{ name: 'gone' }, { name: 'shop', lastBackup: { id: backup.id } }],
    });
    const checked = await manage(['backup_status', '--check']);
    expect(checked).toMatchObject({
      status: 9,
      out: status.out,
      err: expect.stringMatching(/missing: gone \(stale\)\nhint: Run/),
    });

    expect(await manage(['backup_now', '--expect-migration', 'shop.0042_no_such'])).toMatchObject({
      status: 3,
      out: '',
      err: expect.stringMatching(/\(source_unhealthy\)\nhint: [A-Z]/),
    });
    expect(await manage(['backup_now', '--database', 'nobody'])).toMatchObject({
      status: 4,
      err: expect.stringContaining('(not_found)'),
    });
    expect(await manage(['backup_now', '--database', 'gone'])).toMatchObject({
      status: 3,
      err: expect.stringContaining('(source_unreachable)'),
    });
    await running.interrupt();
    for (const command of ['backup_status', 'backup_now'])
      expect(await manage([command])).toMatchObject({
        status: 6,
        out: '',
        err: expect.stringMatching(/does not answer: .*\(store_unreachable\)\nhint: /),
      });
  });

  test('runs the program of this machine where no URL is set', async () => {
    const { cwd, manage } = project({ COMMAND, DATABASE: 'shop' });
    sql(join(cwd, 'shop.db'), SMALL);
    writeFileSync(
      join(cwd, 'lifeboat.yaml'),
      'databases: { shop: { source: shop.db }, gone: { source: gone.db } }\n',
    );
    const made = await manage(['backup_now', '--json', '--kind', 'full']);
    expect(made.status, made.err).toBe(0);
    const backup = JSON.parse(made.out) as { id: string };
    expect(backup).toMatchObject({
      ok: true,
      database: 'shop',
      verdict: 'ok',
      reason: 'pre-deploy',
    });
    const status = await manage(['backup_status']);
    expect(status).toMatchObject({ status: 0, err: '' });
    expect(status.out).toMatch(/^DATABASE +CONDITION [^]*\ngone +missing [^]*\nshop +good +/);
    expect(await manage(['backup_now', '--database', 'gone'])).toMatchObject({
      status: 3,
      out: '',
      err: expect.stringMatching(/\(source_unreachable\)\nhint: [A-Z]/),
    });
    expect(await manage(['backup_now', '--database=--help'])).toMatchObject({ status: 3, out: '' });
    expect(await manage(['backup_now', '--idempotency-key', 'k'])).toMatchObject({
      status: 2,
      err: expect.stringContaining("needs LIFEBOAT['BACKUP_URL']"),
    });
    expect((await manage(['backup_status', '--check'])).status).toBe(9);
  });

  test.each([
    [
      'that does not exist',
      ['/nowhere/lifeboat'],
      2,
      /cannot run \/nowhere\/lifeboat: No such file/,
    ],
    ['that prints no JSON', ['/bin/echo', 'hello'], 1, /ended with status 0/],
  ])('says what is wrong with a program %s', async (_, command, status, says) => {
    const { manage } = project({ COMMAND: command, DATABASE: 'shop' });
    expect(await manage(['backup_status'])).toMatchObject({
      status,
      out: '',
      err: expect.stringMatching(says),
    });
  });

  test('is a package that contains every module', () => {
    const source = folder();
    cpSync(join(root, 'examples/django'), source, { recursive: true });
    const build =
      'import sys; from setuptools import build_meta; print(build_meta.build_wheel(sys.argv[1]))';
    const site = folder();
    const out = execFileSync(python, ['-c', build, site], { cwd: source, encoding: 'utf8' });
    const wheel = out.trim().split('\n').at(-1) ?? '';
    expect(wheel).toBe('django_lifeboat-0.1.0-py3-none-any.whl');
    const list = execFileSync(python, ['-m', 'zipfile', '-l', join(site, wheel)], {
      encoding: 'utf8',
    });
    const modules = [...list.matchAll(/^(lifeboat_backups\/\S+\.py)/gm)].map(([, name]) => name);
    const written = readdirSync(join(root, 'examples/django/lifeboat_backups'), {
      recursive: true,
      encoding: 'utf8',
    })
      .filter((name) => name.endsWith('.py'))
      .map((name) => `lifeboat_backups/${name}`);
    expect(new Set(modules)).toEqual(new Set(written));
    execFileSync(python, ['-m', 'zipfile', '-e', join(site, wheel), site]);
    writeFileSync(join(site, 'shop_settings.py'), 'INSTALLED_APPS = ["lifeboat_backups"]\n');
    const help = execFileSync(python, ['-m', 'django', 'backup_now', '--help'], {
      cwd: site,
      encoding: 'utf8',
      env: { PATH: '/usr/bin:/bin', PYTHONPATH: site, DJANGO_SETTINGS_MODULE: 'shop_settings' },
    });
    expect(help).toContain('--expect-migration');
  });

  test.each<[string, Settings, string, number, RegExp]>([
    ['no setting', {}, 'backup_status', 2, /LIFEBOAT\['STATUS_URL'\] is missing/],
    [
      'no database',
      { BACKUP_URL: 'http://127.0.0.1:9' },
      'backup_now',
      2,
      /LIFEBOAT\['DATABASE'\] is missing/,
    ],
    ['a file', { STATUS_URL: 'file:///etc/passwd' }, 'backup_status', 2, /is not a URL/],
    [
      'an unencrypted address',
      { STATUS_URL: 'http://status.example' },
      'backup_status',
      2,
      /without encryption/,
    ],
    [
      'an address that requires a token, without one',
      { STATUS_URL: 'https://status.example' },
      'backup_status',
      6,
      /no ID token/,
    ],
  ])('refuses %s', async (_, settings, command, status, says) => {
    const { manage } = project(settings);
    expect(await manage([command])).toMatchObject({
      status,
      out: '',
      err: expect.stringMatching(says),
    });
  });

  test('gets its token for the function from the environment, the metadata server or gcloud', async () => {
    const asked: string[] = [];
    const metadata = await serve((request, response) => {
      asked.push(
        `${String(request.headers['metadata-flavor'])} ${decodeURIComponent(request.url ?? '')}`,
      );
      response.end('token-of-metadata');
    });
    const { cwd, programs } = project({});
    const script = join(cwd, 'show.py');
    writeFileSync(
      script,
      'from lifeboat_backups.tokens import authorization\nprint(authorization("https://status.example/?x=1").get("Authorization"))\n',
    );
    const show = (env: Record<string, string>) =>
      spawn(python, [script], {
        cwd,
        env: {
          PATH: `${programs}:/usr/bin:/bin`,
          GCE_METADATA_HOST: '127.0.0.1:9',
          PYTHONDONTWRITEBYTECODE: '1',
          ...env,
        },
      });
    const token = async (env: Record<string, string>): Promise<string> => {
      const child = show(env);
      let out = '';
      child.stdout.on('data', (part: Buffer) => (out += part.toString()));
      await once(child, 'close');
      return out.trim();
    };
    expect(await token({ LIFEBOAT_ID_TOKEN: 'given', GCE_METADATA_HOST: metadata })).toBe(
      'Bearer given',
    );
    expect(await token({ GCE_METADATA_HOST: metadata })).toBe('Bearer token-of-metadata');
    expect(asked).toEqual([
      'Google /computeMetadata/v1/instance/service-accounts/default/identity?format=full&audience=https://status.example',
    ]);
    // A user account cannot get a token for an audience.
    writeFileSync(
      join(programs, 'gcloud'),
      '#!/bin/sh\n[ "$3" = "" ] || exit 1\necho token-of-gcloud\n',
    );
    chmodSync(join(programs, 'gcloud'), 0o755);
    expect(await token({})).toBe('Bearer token-of-gcloud');
    expect(await token({ LIFEBOAT_ID_TOKEN: 'with\nbreak' })).toBe('');
  });

  test.each<[string, RequestListener, number, RegExp]>([
    [
      'redirects',
      (_, response) => void response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end(),
      1,
      /HTTP 302/,
    ],
    [
      'refuses access',
      (_, response) => void response.writeHead(403).end('<html>'),
      6,
      /roles\/run\.invoker/,
    ],
    ['responds with a page', (_, response) => void response.end('<html>'), 1, /is not JSON/],
    [
      'responds with another version',
      (_, response) => void response.end('{"version": 2, "databases": []}'),
      1,
      /version 1/,
    ],
    [
      'responds with half of the document',
      (_, response) => void response.end('{"version": 1, "at": "x", "databases": [{"name": "a"}]}'),
      1,
      /is incomplete/,
    ],
  ])('tells what is wrong with a server that %s', async (_, listener, status, says) => {
    const { manage } = project({ STATUS_URL: `http://${await serve(listener)}` });
    expect(await manage(['backup_status'])).toMatchObject({
      status,
      err: expect.stringMatching(says),
    });
  });

  test('reports a cut response and how to find out whether the backup exists', async () => {
    const address = await serve((_, response) => {
      response
        .writeHead(200, { 'content-type': 'application/x-ndjson' })
        .write('{"event": "progress", "step": "store", "done": 1, "total": 2}\n{"ok": tr');
      setTimeout(() => response.destroy(), 50);
    });
    const { manage } = project({ BACKUP_URL: `http://${address}`, DATABASE: 'shop' });
    expect(await manage(['backup_now', '--idempotency-key', 'k1'])).toMatchObject({
      status: 6,
      out: '',
      err: expect.stringMatching(/store 50 %\n[^]*the connection broke[^]*--idempotency-key k1/),
    });
  });

  test('prints no control characters of names', async () => {
    const address = await serve((_, response) => {
      const database = {
        name: '\u001B[2Jevil',
        condition: 'good',
        reasons: [],
        lastBackup: null,
        lastFailure: null,
        lastRestoreTest: null,
      };
      response.end(
        JSON.stringify({
          version: 1,
          at: '2026-11-24T12:00:00Z',
          databases: [{ ...database, nextBackup: null, fresh: true, backups: 0, storedBytes: 0 }],
        }),
      );
    });
    const { manage } = project({ STATUS_URL: `http://${address}` });
    expect((await manage(['backup_status'])).out).toContain('\n [2Jevil');
  });
});
