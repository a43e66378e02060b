import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { formatIdentity, ownIdentity } from '../../core/lib/processes/process-identity.ts';
import { removeLeftovers } from '../../core/restore/place/beside.ts';
import { BACKUP, RESTORE, testApp } from '../support/app.ts';
import { SMALL, sql } from '../support/databases.ts';
import { folder, sha256 } from '../support/files.ts';

const root = process.geteuid?.() === 0;

/** An app with one backup of `notes`, whose SHA-256 is `backup`. */
afterEach(() => void vi.useRealTimers());

const backedUp = async () => {
  const app = await testApp();
  sql(app.at('notes.db'), SMALL);
  const { sha256: backup } = await app.backup('notes.db', BACKUP);
  mkdirSync(app.at('there'));
  const restore = (to: string, force = true) => app.restore('notes', { ...RESTORE, to, force });
  return { ...app, backup, restore };
};

/** A database with one row in its file and `rows` in its `-wal`, as a killed application leaves it. */
const leaveWal = (path: string, rows: number): void => {
  const live = join(folder(), 'live.db');
  const db = new DatabaseSync(live);
  db.exec('pragma journal_mode = wal; create table t (x); insert into t values (0)');
  db.exec('pragma wal_checkpoint(truncate)');
  for (let row = 1; row <= rows; row += 1) db.exec(`insert into t values (${row})`);
  for (const suffix of ['', '-wal', '-shm']) copyFileSync(`${live}${suffix}`, `${path}${suffix}`);
  db.close();
};
const count = (path: string): unknown => {
  const db = new DatabaseSync(path);
  try {
    return db.prepare('select count(*) as n from t').get()?.['n'];
  } finally {
    db.close();
  }
};

describe('a forced restore', () => {
  test.each([
    ['a FIFO', (path: string) => void execFileSync('mkfifo', [path])],
    ['a folder', (path: string) => mkdirSync(path)],
    ['a folder in the place of a -wal', (path: string) => mkdirSync(`${path}-wal`)],
  ])('refuses %s and changes nothing', async (_, make) => {
    const { at, restore } = await backedUp();
    make(at('there/x.db'));
    const kinds = () =>
      readdirSync(at('there')).map((name) => [name, lstatSync(at(`there/${name}`)).mode]);
    const before = kinds();
    await expect(restore('there/x.db')).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(/is (a directory|not a regular file)$/),
    });
    expect(kinds()).toEqual(before);
  });

  test('refuses a socket', async () => {
    const { at, restore } = await backedUp();
    const server = createServer().listen(at('there/x.db'));
    await new Promise((resolve) => server.once('listening', resolve));
    await expect(restore('there/x.db')).rejects.toMatchObject({ code: 'usage' });
    expect(lstatSync(at('there/x.db')).isSocket()).toBe(true);
    server.close();
  });

  test.runIf(root)('refuses a device', async () => {
    const { at, restore } = await backedUp();
    execFileSync('mknod', [at('there/null'), 'c', '1', '3']);
    await expect(restore('there/null')).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('not a regular file'),
    });
    expect(lstatSync(at('there/null')).isCharacterDevice()).toBe(true);
  });

  test.runIf(root)('follows a symbolic link and keeps owner and mode of its file', async () => {
    const { at, backup, restore } = await backedUp();
    writeFileSync(at('there/real.db'), 'old');
    chownSync(at('there/real.db'), 1000, 1001);
    chmodSync(at('there/real.db'), 0o4660);
    symlinkSync('there/real.db', at('app.db'));
    const document = await restore('app.db');
    expect(document.to).toBe(at('there/real.db'));
    expect(lstatSync(at('app.db')).isSymbolicLink()).toBe(true);
    expect(sha256(at('app.db'))).toBe(backup);
    const { uid, gid, mode } = statSync(at('there/real.db'));
    // A database is no program: the set-user-ID bit is not taken over.
    expect([uid, gid, mode & 0o7777]).toEqual([1000, 1001, 0o660]);
    expect(document.setAside.map((path) => readFileSync(path, 'utf8'))).toEqual(['old']);
  });

  test('refuses a symbolic link that leads to no file', async () => {
    const { at, restore } = await backedUp();
    symlinkSync('nowhere.db', at('there/x.db'));
    await expect(restore('there/x.db')).rejects.toMatchObject({
      code: 'usage',
      message: `${at('there/x.db')} is a symbolic link to a file that does not exist`,
    });
  });

  test.runIf(root)('as root, refuses a link of one user to a file of another', async () => {
    const { at, restore } = await backedUp();
    writeFileSync(at('secret'), 'of root');
    symlinkSync('../secret', at('there/x.db'));
    lchownSync(at('there/x.db'), 1000, 1000);
    await expect(restore('there/x.db')).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('a file of another user'),
    });
    expect(readFileSync(at('secret'), 'utf8')).toBe('of root');
  });

  test.runIf(root)('keeps the access control list', async () => {
    const { at, restore } = await backedUp();
    writeFileSync(at('there/x.db'), 'old');
    const python = (text: string) =>
      execFileSync('python3', ['-c', text, at('there/x.db')], { encoding: 'utf8' });
    const list =
      "b''.join([struct.pack('<I', 2)] + [struct.pack('<HHI', *e) for e in [(1, 6, 2**32-1), (2, 6, 1234), (4, 4, 2**32-1), (16, 6, 2**32-1), (32, 0, 2**32-1)]])";
    python(`import os, struct, sys; os.setxattr(sys.argv[1], 'system.posix_acl_access', ${list})`);
    await restore('there/x.db');
    const kept = `print(os.getxattr(sys.argv[1], 'system.posix_acl_access') == ${list})`;
    expect(python(`import os, struct, sys; ${kept}`).trim()).toBe('True');
  });

  test('sets aside a database with the rows of its -wal, and both names still belong together', async () => {
    const { at, backup, restore } = await backedUp();
    leaveWal(at('there/x.db'), 200);
    const { setAside } = await restore('there/x.db');
    expect(sha256(at('there/x.db'))).toBe(backup);
    expect(readdirSync(at('there')).filter((name) => /^(\.|x\.db-)/.test(name))).toEqual([]);
    expect(setAside).toHaveLength(3);
    expect(count(setAside.at(-1) ?? '')).toBe(201);
  });

  test('restores over a file that is no database and has a -wal', async () => {
    const { at, backup, restore } = await backedUp();
    writeFileSync(at('there/x.db'), 'no database');
    writeFileSync(at('there/x.db-wal'), 'no -wal');
    const { setAside } = await restore('there/x.db');
    expect(sha256(at('there/x.db'))).toBe(backup);
    expect(setAside.map((path) => readFileSync(path, 'utf8'))).toEqual(['no -wal', 'no database']);
    expect(existsSync(at('there/x.db-wal'))).toBe(false);
  });

  test('removes a journal before a -wal, without which it would roll back committed rows', async () => {
    const { at, restore } = await backedUp();
    for (const suffix of ['', '-wal', '-journal'])
      writeFileSync(at(`there/x.db${suffix}`), `no database${suffix}`);
    const { unlink } = promises;
    const removed: string[] = [];
    promises.unlink = async (path) => {
      if (/-(wal|journal)$/.test(String(path))) removed.push(String(path));
      return unlink(path);
    };
    syncBuiltinESMExports();
    onTestFinished(() => {
      promises.unlink = unlink;
      syncBuiltinESMExports();
    });
    await restore('there/x.db');
    expect(removed).toEqual([at('there/x.db-journal'), at('there/x.db-wal')]);
  });

  test('never overwrites what an earlier restore set aside, not even within one second', async () => {
    const now = new Date('2026-11-23T03:00:00Z');
    const app = await testApp({ overrides: { now: () => now } });
    sql(app.at('notes.db'), SMALL);
    await app.backup('notes.db', BACKUP);
    mkdirSync(app.at('there'));
    writeFileSync(app.at('there/x.db'), 'ORIGINAL');
    const restored = Array.from({ length: 6 }, () =>
      app.restore('notes', { ...RESTORE, to: 'there/x.db', force: true }).catch(() => undefined),
    );
    await Promise.all(restored);
    const contents = readdirSync(app.at('there')).map((name) =>
      readFileSync(app.at(`there/${name}`), 'latin1'),
    );
    expect(contents).toContain('ORIGINAL');
    await app.restore('notes', { ...RESTORE, to: 'there/x.db', force: true });
    expect(readdirSync(app.at('there'))).toContain('x.db.before-restore-20261123T030000Z-2');
  });
});

describe('a restore', () => {
  test.each(['/proc/x.db', '/proc/self/x.db'])(
    'to %s says that no file can be created',
    async (to) => {
      const { restore } = await backedUp();
      await expect(restore(to, false)).rejects.toMatchObject({
        code: 'usage',
        message: expect.stringMatching(/^user .* cannot create a file in \/proc/),
      });
    },
  );

  test('removes what a killed restore left beside the target, and nothing else', async () => {
    const { at, restore } = await backedUp();
    // No process has this number: it is above the largest that Linux gives.
    const dead = formatIdentity({ ...ownIdentity(), pid: 4_194_305 });
    const elsewhere = formatIdentity({ pid: 1, startTime: '1', scope: 'ffffffff' });
    const day = 86_400;
    const leftovers = {
      [`.x.db.lifeboat-${dead}-00000001`]: 'SQLite format 3\0 and pages',
      [`.x.db.lifeboat-${dead}-00000002`]: '',
      [`.x.db.lifeboat-${elsewhere}-00000003`]: '',
    };
    const others = {
      [`.x.db.lifeboat-${formatIdentity(ownIdentity())}-00000004`]: '',
      [`.x.db.lifeboat-${elsewhere}-00000005`]: '',
      [`.x.db.lifeboat-${dead}-00000006`]: 'a thesis with this name',
      [`.y.db.lifeboat-${dead}-00000007`]: '',
      '.x.db.lifeboat-notes': '',
    };
    for (const [name, content] of Object.entries({ ...leftovers, ...others }))
      writeFileSync(at(`there/${name}`), content);
    const longAgo = Date.now() / 1000 - 2 * day;
    utimesSync(at(`there/.x.db.lifeboat-${elsewhere}-00000003`), longAgo, longAgo);
    await restore('there/x.db', false);
    expect(readdirSync(at('there')).sort()).toEqual([...Object.keys(others), 'x.db'].sort());
  });

  test('leaves the file of a restore elsewhere when the clock of this machine is ahead', async () => {
    const there = folder();
    const elsewhere = formatIdentity({ pid: 1, startTime: '1', scope: 'ffffffff' });
    const name = `.x.db.lifeboat-${elsewhere}-00000001`;
    writeFileSync(join(there, name), '');
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * 86_400_000 });
    await removeLeftovers(join(there, 'x.db'));
    expect(readdirSync(there)).toEqual([name]);
  });

  test.each([
    ['a symbolic link', (path: string, victim: string) => symlinkSync(victim, path)],
    ['a second name of another file', (path: string, victim: string) => linkSync(victim, path)],
  ])(
    'that finds %s in the place of its file fails, and changes nothing outside',
    async (_, swap) => {
      // The owner of the folder strikes between the last check and the rename: `now` is called there.
      const strike = () => {
        const name = readdirSync(cwd).find((each) => each.startsWith('.x.db.lifeboat-'));
        if (name === undefined) return;
        rmSync(join(cwd, name));
        swap(join(cwd, name), join(cwd, 'victim'));
      };
      const now = () => {
        strike();
        return new Date();
      };
      const cwd = folder();
      const app = await testApp({ cwd, overrides: { now } });
      sql(app.at('notes.db'), SMALL);
      await app.backup('notes.db', BACKUP);
      writeFileSync(app.at('victim'), 'private', { mode: 0o600 });
      writeFileSync(app.at('x.db'), 'old');
      chmodSync(app.at('x.db'), 0o666);
      const restored = app.restore('notes', { ...RESTORE, to: 'x.db', force: true });
      await expect(restored).rejects.toMatchObject({
        code: 'usage',
        message: expect.stringContaining('somebody replaced the file'),
      });
      expect(statSync(app.at('victim')).mode & 0o777).toBe(0o600);
      expect(readFileSync(app.at('victim'), 'utf8')).toBe('private');
      expect(readFileSync(app.at('x.db'), 'utf8')).toBe('old');
    },
  );
});
