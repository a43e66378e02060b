import { once } from 'node:events';
import {
  copyFileSync,
  chownSync,
  existsSync,
  lchownSync,
  mkdirSync,
  chmodSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { SMALL, sql } from '../support/databases.ts';
import { fingerprint, folder } from '../support/files.ts';
import { homeOf, lifeboat, mountTmpfs, remountReadOnly, sqlAs, startAs } from '../support/root.ts';

// Needs root to become other users and to mount file systems.
const APPLICATION = 12_345;
const OPERATOR = 23_456;

const place = (uid: number): string => {
  const base = folder();
  chmodSync(base, 0o755);
  mkdirSync(join(base, 'own'));
  chownSync(join(base, 'own'), uid, uid);
  return join(base, 'own');
};

const orders = (cwd: string, uid?: number): unknown => {
  const { document } = lifeboat(['query', 'app', 'select count(*) from notes'], {
    cwd,
    env: { TMPDIR: cwd },
    ...(uid === undefined ? {} : { uid }),
  });
  return (document['rows'] as unknown[][])[0]?.[0];
};

/** Creates a database in this state in `home`, which belongs to the application. */
const STATES: Record<string, (home: string) => void> = {
  'idle WAL': (home) =>
    sqlAs(APPLICATION, join(home, 'app.db'), `pragma journal_mode = wal; ${SMALL}`),
  'idle rollback': (home) => sqlAs(APPLICATION, join(home, 'app.db'), SMALL),
  'leftover WAL': (home) =>
    leaveBehind(home, 'wal', 'pragma wal_autocheckpoint = 0; delete from notes where id > 300'),
  'hot journal': (home) =>
    leaveBehind(home, 'delete', "pragma cache_size = 2; begin; update notes set body = 'half'"),
};
const EXPECTED: Record<string, number> = { 'leftover WAL': 300 };

const leaveBehind = (home: string, mode: string, change: string): void => {
  const live = join(folder(), 'live.db');
  sql(live, `pragma journal_mode = ${mode}; ${SMALL}`);
  const db = new DatabaseSync(live, { enableForeignKeyConstraints: false });
  db.exec(change);
  for (const suffix of ['', '-wal', '-journal']) {
    if (!existsSync(`${live}${suffix}`)) continue;
    copyFileSync(`${live}${suffix}`, join(home, `app.db${suffix}`));
    chownSync(join(home, `app.db${suffix}`), APPLICATION, APPLICATION);
  }
  db.close();
};

describe.each(Object.keys(STATES))('a database of another user, %s', (state) => {
  test.each([
    ['root', undefined],
    ['a user who may only read', OPERATOR],
  ] as const)('is backed up by %s, untouched, and the application goes on writing', (_, uid) => {
    const home = homeOf(APPLICATION);
    STATES[state]?.(home);
    const cwd = place(uid ?? 0);
    const before = fingerprint(home);
    const done = lifeboat(['backup', join(home, 'app.db')], {
      cwd,
      env: { TMPDIR: cwd },
      ...(uid === undefined ? {} : { uid }),
    });
    expect(done.document, done.stderr).toMatchObject({ ok: true, verdict: 'ok' });
    expect(fingerprint(home)).toEqual(before);
    expect(orders(cwd, uid)).toBe(EXPECTED[state] ?? 400);
    sqlAs(APPLICATION, join(home, 'app.db'), "insert into notes (body) values ('still at work')");
  });

  test('is backed up from a read-only mount', () => {
    const mounted = mountTmpfs(8);
    STATES[state]?.(homeIn(mounted));
    remountReadOnly(mounted);
    const cwd = folder();
    const before = fingerprint(mounted);
    const done = lifeboat(['backup', join(mounted, 'home/app.db')], { cwd, env: { TMPDIR: cwd } });
    expect(done.document, done.stderr).toMatchObject({ ok: true, verdict: 'ok' });
    expect(fingerprint(mounted)).toEqual(before);
    expect(orders(cwd)).toBe(EXPECTED[state] ?? 400);
  });
});

const homeIn = (mounted: string): string => {
  chmodSync(mounted, 0o755);
  mkdirSync(join(mounted, 'home'));
  chownSync(join(mounted, 'home'), APPLICATION, APPLICATION);
  return join(mounted, 'home');
};

test('an unreadable file is source_unreachable', () => {
  const home = homeOf(APPLICATION);
  sqlAs(APPLICATION, join(home, 'app.db'), SMALL);
  chmodSync(join(home, 'app.db'), 0o600);
  const done = lifeboat(['backup', join(home, 'app.db')], { cwd: place(OPERATOR), uid: OPERATOR });
  expect(done).toMatchObject({
    status: 3,
    document: { ok: false, error: { code: 'source_unreachable' } },
  });
});

test('a read-only store is store_denied', () => {
  const cwd = place(OPERATOR);
  sql(join(cwd, 'app.db'), SMALL);
  mkdirSync(join(cwd, 'backups'), { mode: 0o700 });
  const done = lifeboat(['backup', 'app.db'], { cwd, uid: OPERATOR, env: { TMPDIR: cwd } });
  expect(done).toMatchObject({
    status: 6,
    document: { ok: false, error: { code: 'store_denied' } },
  });
});

describe('the owner of a database, whom root backs up, gets at no other file', () => {
  /** A database of root that nobody else may read, and a folder that everybody may enter. */
  const secretOf = (): string => {
    const base = folder();
    chmodSync(base, 0o755);
    const path = join(base, 'secret.db');
    sql(path, `pragma journal_mode = wal; ${SMALL} create table payroll (salary)`);
    chmodSync(path, 0o600);
    return path;
  };
  const backUp = (path: string) => {
    const cwd = place(0);
    return lifeboat(['backup', path], { cwd, env: { TMPDIR: cwd } });
  };

  test('through a symbolic link in place of the database', () => {
    const home = homeOf(APPLICATION);
    const link = join(home, 'app.db');
    symlinkSync(secretOf(), link);
    lchownSync(link, APPLICATION, APPLICATION);
    expect(backUp(link)).toMatchObject({
      status: 3,
      document: {
        error: {
          code: 'source_invalid',
          message: `${link} is a symbolic link of user 12345 to a file of user 0, which root does not follow`,
        },
      },
    });
    // Root's own link is followed.
    lchownSync(link, 0, 0);
    expect(backUp(link)).toMatchObject({ status: 0 });
  });

  test.each(['-wal', '-journal'])('through a symbolic link in place of the %s', (suffix) => {
    const home = homeOf(APPLICATION);
    STATES[suffix === '-wal' ? 'leftover WAL' : 'hot journal']?.(home);
    const sibling = join(home, `app.db${suffix}`);
    const elsewhere = `${secretOf()}-moved`;
    copyFileSync(sibling, elsewhere);
    chmodSync(elsewhere, 0o600);
    rmSync(sibling);
    symlinkSync(elsewhere, sibling);
    lchownSync(sibling, APPLICATION, APPLICATION);
    expect(backUp(join(home, 'app.db'))).toMatchObject({
      status: 3,
      document: { error: { code: expect.stringMatching(/^source_(invalid|unreachable)$/) } },
    });
  });

  test('by a swap of the snapshot while it is taken', async () => {
    const home = homeOf(APPLICATION);
    const path = join(home, 'app.db');
    const cwd = place(0);
    const writer = startAs(APPLICATION, SWAPPING_WRITER, [path, cwd, secretOf()]);
    await once(writer.stdout, 'data');
    for (let run = 0; run < 3; run += 1) {
      const done = lifeboat(['backup', path], { cwd, env: { TMPDIR: cwd } });
      expect(done.document, done.stderr).toMatchObject({ ok: true, verdict: 'ok' });
      expect(
        lifeboat(['query', 'app', 'select name from sqlite_schema'], { cwd }).document['rows'],
      ).toEqual([['own']]);
    }
    expect(existsSync(`${path}.swapped`)).toBe(false);
  });
});

/** Writes to a WAL database all the time, and puts a link to a file in the place of each snapshot. */
const SWAPPING_WRITER = `
const { DatabaseSync } = require('node:sqlite');
const fs = require('node:fs');
const [path, temporary, secret] = process.argv.slice(1);
const db = new DatabaseSync(path);
db.exec('pragma journal_mode = wal; create table own (x); insert into own values (1)');
console.log('ready');
const swap = (folder) => {
  const snapshot = temporary + '/' + folder + '/snapshot.sqlite3';
  try {
    fs.unlinkSync(snapshot);
    fs.symlinkSync(secret, snapshot);
    fs.writeFileSync(path + '.swapped', '');
  } catch {}
};
setInterval(() => db.exec('update own set x = x + 1'), 10);
setInterval(() => fs.readdirSync(temporary).filter((name) => name.startsWith('lifeboat-')).forEach(swap), 1);
`;
