import { spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { SMALL, sql } from '../support/databases.ts';
import { folder, sha256 } from '../support/files.ts';
import { homeOf, lifeboat, reachable } from '../support/root.ts';

// Real applications, which stay open while a restore wants their file. Some run as other users, so
// the tests need root.
const APPLICATION = 12_345;
const OPERATOR = 23_456;

const MODES = ['wal', 'delete'] as const;
const SCRIPT = `
  const db = new (require('node:sqlite').DatabaseSync)(process.argv[1], { timeout: 10000 });
  db.exec('pragma journal_mode = ' + process.argv[2] + '; insert into notes (body) values (1)');
  if (process.argv[3]) db.exec(process.argv[3]);
  console.log('ready');
  setInterval(() => db, 1000);`;

/** Starts an application that keeps the database open. Returns its pid once it has. */
async function openIn(
  path: string,
  mode: string,
  { statement = '', ...options }: SpawnOptions & { statement?: string } = {},
): Promise<number> {
  const node = options.uid === undefined ? process.execPath : reachable(process.execPath);
  const args = ['--disable-warning=ExperimentalWarning', '-e', SCRIPT, path, mode, statement];
  const application = spawn(node, args, { stdio: ['ignore', 'pipe', 'inherit'], ...options });
  const ended = once(application, 'exit');
  onTestFinished(async () => {
    application.kill('SIGKILL');
    await ended;
  });
  if (application.stdout) await once(application.stdout, 'data');
  return application.pid ?? 0;
}

describe('a forced restore over an open database', () => {
  let cwd: string;
  const path = () => join(cwd, 'app.db');
  const restore = (to: string, ...flags: string[]) =>
    lifeboat(['restore', 'app', '--to', to, '--force', ...flags], { cwd, env: { TMPDIR: cwd } });

  beforeEach(() => {
    cwd = folder();
    sql(path(), SMALL);
    lifeboat(['backup', 'app.db'], { cwd, env: { TMPDIR: cwd } });
  });

  test.each(MODES)('names the process and changes nothing, in mode %s', async (mode) => {
    const pid = await openIn(path(), mode);
    const [before, names] = [sha256(path()), readdirSync(cwd).sort()];
    expect(restore('app.db')).toMatchObject({
      status: 2,
      document: {
        error: {
          code: 'usage',
          message: `${path()} is open in process ${pid} (node)`,
          hint: expect.stringContaining('--even-if-open'),
        },
      },
    });
    expect(restore('app.db', '--dry-run').status).toBe(2);
    expect([sha256(path()), readdirSync(cwd).sort()]).toEqual([before, names]);
  });

  test.each(MODES)('replaces it with --even-if-open, in mode %s', async (mode) => {
    await openIn(path(), mode);
    const { status, document } = restore('app.db', '--even-if-open');
    expect(document).toMatchObject({ ok: true, to: path() });
    expect([status, sha256(path())]).toEqual([0, document['sha256']]);
  });

  test('sees through other names: a symbolic link, a second hard link, a bind mount', async () => {
    mkdirSync(join(cwd, 'there'));
    symlinkSync(path(), join(cwd, 'there/link.db'));
    linkSync(path(), join(cwd, 'there/hard.db'));
    const mounted = join(cwd, 'mounted');
    mkdirSync(mounted);
    execFileSync('mount', ['--bind', cwd, mounted]);
    onTestFinished(() => void execFileSync('umount', ['-l', mounted]));
    const pid = await openIn(path(), 'delete');
    for (const to of ['there/link.db', 'there/hard.db', 'mounted/app.db'])
      expect(restore(to).document.error?.message, to).toContain(`open in process ${pid} (node)`);
    expect(restore('there/new.db').status).toBe(0);
  });

  test('restores once the application has ended', async () => {
    const application = spawn(process.execPath, ['-e', SCRIPT, path(), 'wal'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const ended = once(application, 'exit');
    await once(application.stdout, 'data');
    expect(restore('app.db').status).toBe(2);
    application.kill('SIGKILL');
    await ended;
    const { status, document } = restore('app.db');
    expect([status, sha256(path())]).toEqual([0, document['sha256']]);
    expect(existsSync(`${path()}-wal`)).toBe(false);
  });
});

describe('another user, who may not read /proc/<pid>/fd', () => {
  const backedUp = () => {
    const home = homeOf(APPLICATION);
    chmodSync(home, 0o777);
    writeFileSync(join(home, 'app.db'), '');
    chmodSync(join(home, 'app.db'), 0o666);
    sql(join(home, 'app.db'), SMALL);
    const as = { cwd: home, uid: OPERATOR, env: { TMPDIR: home } };
    expect(lifeboat(['backup', 'app.db'], as).status).toBe(0);
    return {
      path: join(home, 'app.db'),
      restore: () => lifeboat(['restore', 'app', '--to', 'app.db', '--force'], as),
    };
  };

  test.each([
    ['a connection in WAL mode', 'wal', ''],
    ['a transaction in rollback mode', 'delete', 'begin; select * from notes'],
  ])('sees %s by its lock', async (_, mode, statement) => {
    const { path, restore } = backedUp();
    const pid = await openIn(path, mode, { uid: APPLICATION, gid: APPLICATION, statement });
    expect(restore()).toMatchObject({
      status: 2,
      document: { error: { message: `${path} is open in process ${pid} (node)` } },
    });
  });

  test('does not see an idle connection in rollback mode, as the docs say', async () => {
    const { path, restore } = backedUp();
    await openIn(path, 'delete', { uid: APPLICATION, gid: APPLICATION });
    expect(restore().status).toBe(0);
  });
});
