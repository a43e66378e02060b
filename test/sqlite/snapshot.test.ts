import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { isSettled } from '../../core/sqlite/file-state.ts';
import { takeSnapshot } from '../../core/sqlite/snapshot/snapshot.ts';
import { sql, SMALL } from '../support/databases.ts';
import { useOwnProcesses, useSharedProcesses } from '../support/engine/processes.ts';
import { expectConsistentSnapshots } from '../support/busy-snapshot.ts';
import { fingerprint, folder } from '../support/files.ts';
import { lockInOtherProcess } from '../support/writer.ts';

const work = (): string => {
  const path = join(folder(), 'private');
  mkdirSync(path, { mode: 0o700 });
  return path;
};
/** A database of so many MiB that is quickly made. */
const createLarge = (path: string, mib: number): void =>
  sql(
    path,
    `create table t (x); with recursive n(i) as (select 1 union all select i + 1 from n where i < ${mib}) insert into t select zeroblob(1 << 20) from n`,
  );
const count = (path: string, table: string): number => {
  const db = new DatabaseSync(path, { readOnly: true });
  const { n } = db.prepare(`select count(*) as n from ${table}`).get() as { n: number };
  db.close();
  return n;
};

// test/system/busy-snapshot.test.ts has the other journal modes.
test('a snapshot under a busy writer is consistent in WAL mode every time and reports its progress', () =>
  expectConsistentSnapshots('wal'));

describe('a snapshot of an idle database', () => {
  test.each([['wal'], ['delete'], ['persist']])(
    'leaves a database in %s mode and its folder untouched',
    async (mode) => {
      const home = folder();
      const path = join(home, 'idle.db');
      sql(path, `pragma journal_mode = ${mode}; ${SMALL}`);
      const before = fingerprint(home);
      for (const inPlace of [true, false]) {
        const { path: copy } = await takeSnapshot(path, { directory: work(), inPlace });
        expect(fingerprint(home)).toEqual(before);
        // On a slow machine the file may have been idle for long enough to be its own snapshot.
        if (copy !== path) expect(count(copy, 'notes')).toBe(400);
      }
    },
  );

  test('is the file itself once the last change is some seconds old, until somebody writes', async () => {
    const home = folder();
    const path = join(home, 'idle.db');
    sql(path, `pragma journal_mode = wal; ${SMALL}`);
    const written = Date.now();
    const fresh = await takeSnapshot(path, { directory: work(), inPlace: true });
    if (Date.now() - written < 3000) expect(fresh.method).not.toBe('in-place');
    await sleep(3100);
    const before = fingerprint(home);
    const snapshot = await takeSnapshot(path, { directory: work(), inPlace: true });
    expect(snapshot).toMatchObject({ method: 'in-place', path });
    expect(fingerprint(home)).toEqual(before);
    expect(snapshot.holds()).toBe(true);
    sql(path, 'delete from notes where id = 1');
    expect(snapshot.holds()).toBe(false);
    // A source that cannot be examined any more, as on a lost mount, must not throw in a timer.
    renameSync(home, join(folder(), 'away'));
    symlinkSync(home, home);
    expect(snapshot.holds()).toBe(false);
  });
});

/** The files of a database as a power cut leaves them: copied while a transaction is open. */
const crash = (mode: string, change: string): string => {
  const live = join(folder(), 'live.db');
  sql(live, `pragma journal_mode = ${mode}; ${SMALL}`);
  const db = new DatabaseSync(live);
  // A cache of a few pages makes the engine write into the file before the commit, which is what makes a journal hot.
  db.exec(`pragma wal_autocheckpoint = 0; pragma cache_size = 2; ${change}`);
  const home = folder();
  for (const suffix of ['', '-wal', '-journal'])
    if (existsSync(`${live}${suffix}`))
      copyFileSync(`${live}${suffix}`, join(home, `crashed.db${suffix}`));
  db.close();
  return join(home, 'crashed.db');
};

describe('a snapshot of what a crash left', () => {
  test('does not fail because of the copy of a former attempt', async () => {
    const source = crash('wal', 'insert into notes (body) values (1)');
    const directory = work();
    writeFileSync(join(directory, 'raw.sqlite3'), 'a former attempt');
    const { path } = await takeSnapshot(source, { directory });
    expect(count(path, 'notes')).toBe(401);
  });

  test('rolls a hot journal back, in the copy alone', async () => {
    const path = crash('delete', "begin; update notes set body = 'half done'; delete from tags");
    expect(statSync(`${path}-journal`).size).toBeGreaterThan(512);
    const before = fingerprint(join(path, '..'));
    const snapshot = await takeSnapshot(path, { directory: work(), inPlace: true });
    expect(snapshot.method).toBe('recovered');
    expect([
      count(snapshot.path, "notes where body = 'half done'"),
      count(snapshot.path, 'tags'),
    ]).toEqual([0, 133]);
    expect(fingerprint(join(path, '..'))).toEqual(before);
  });

  test('keeps what only a leftover WAL holds, and leaves the WAL alone', async () => {
    const path = crash('wal', 'insert into notes (body) values (1), (2), (3)');
    expect(statSync(`${path}-wal`).size).toBeGreaterThan(0);
    const before = fingerprint(join(path, '..'));
    const snapshot = await takeSnapshot(path, { directory: work(), inPlace: true });
    expect(count(snapshot.path, 'notes')).toBe(403);
    expect(fingerprint(join(path, '..'))).toEqual(before);
  });

  test('refuses a journal that names a super-journal, because only the application can finish that transaction', async () => {
    const path = crash('delete', "begin; update notes set body = 'half done'");
    const name = Buffer.from('/srv/other.db-mj0123');
    const tail = Buffer.alloc(8);
    tail.writeUInt32BE(name.length, 0);
    tail.writeUInt32BE(
      name.reduce((sum, byte) => sum + byte, 0),
      4,
    );
    appendFileSync(
      `${path}-journal`,
      Buffer.concat([Buffer.alloc(4), name, tail, Buffer.from('d9d505f920a163d7', 'hex')]),
    );
    const before = fingerprint(join(path, '..'));
    await expect(takeSnapshot(path, { directory: work() })).rejects.toMatchObject({
      code: 'source_invalid',
    });
    expect(fingerprint(join(path, '..'))).toEqual(before);
  });
});

describe('a snapshot', () => {
  test('waits for a writer that holds the file, and says so when it waited too long', async () => {
    const path = join(folder(), 'locked.db');
    sql(path, SMALL);
    // In a process of its own: locks of POSIX belong to a process, and this one reads the file as well.
    const release = await lockInOtherProcess(path);
    const directory = work();
    await expect(takeSnapshot(path, { directory, busyTimeoutMs: 300 })).rejects.toMatchObject({
      code: 'source_busy',
    });
    expect(readdirSync(directory)).toEqual([]);
    setTimeout(release, 400);
    const snapshot = await takeSnapshot(path, { directory, busyTimeoutMs: 10_000 });
    expect(count(snapshot.path, "notes where body = 'x'")).toBe(400);
  });

  test('follows a symbolic link, and finds the files beside its target', async () => {
    const path = crash('wal', 'insert into notes (body) values (1)');
    const link = join(folder(), 'link.db');
    symlinkSync(path, link);
    expect(count((await takeSnapshot(link, { directory: work() })).path, 'notes')).toBe(401);
  });
});

describe('a WAL database with more than one name', () => {
  /** An application that has written one row to the file and `rows` to its `-wal`, and goes on. */
  const open = (path: string, rows: number): DatabaseSync => {
    const db = new DatabaseSync(path);
    db.exec('pragma journal_mode = wal; create table t (x); insert into t values (0)');
    db.exec('pragma wal_checkpoint(truncate)');
    for (let row = 0; row < rows; row += 1) db.exec('insert into t values (1)');
    return db;
  };

  test('is refused by a name that has no -wal beside it, because rows would be missing', async () => {
    const [home, elsewhere] = [folder(), folder()];
    const db = open(join(home, 'app.db'), 500);
    for (const other of [join(elsewhere, 'app.db'), join(home, 'other.db')]) {
      linkSync(join(home, 'app.db'), other);
      await expect(takeSnapshot(other, { directory: work() })).rejects.toMatchObject({
        code: 'source_invalid',
        message: expect.stringContaining('more name'),
      });
      rmSync(other);
    }
    const snapshot = await takeSnapshot(join(home, 'app.db'), { directory: work() });
    expect(count(snapshot.path, 't')).toBe(501);
    db.close();
  });

  test('is backed up when each name is known and none has a -wal', async () => {
    const home = folder();
    open(join(home, 'app.db'), 3).close();
    linkSync(join(home, 'app.db'), join(home, 'app.db.before-restore-20261123T030000Z'));
    const snapshot = await takeSnapshot(join(home, 'app.db'), { directory: work() });
    expect(count(snapshot.path, 't')).toBe(4);
  });
});

test('an unknown schema format is a finding about the file', async () => {
  const path = join(folder(), 'app.db');
  sql(path, SMALL);
  const bytes = readFileSync(path);
  bytes.writeUInt32BE(9, 44);
  writeFileSync(path, bytes);
  await expect(takeSnapshot(path, { directory: work() })).rejects.toMatchObject({
    code: 'source_invalid',
    message: `${path} has an unknown schema format in its header (9)`,
  });
});

describe('a file counts as settled', () => {
  const STEP = 1000;
  test.each([
    ['not within the tick of its last change', 0, 0, false],
    ['some ticks after it', 60, 0, true],
    ['not earlier than asked', 60, 3000, false],
    ['when its time is in the future, as that of a clock that was wrong', -10 * STEP, 3000, true],
  ])('%s', (_, age, quietMs, expected) => {
    const path = join(folder(), 'app.db');
    writeFileSync(path, 'x');
    const { mtimeMs, ctimeMs } = statSync(path);
    const now = Math.max(mtimeMs, ctimeMs) + age;
    expect(isSettled(path, now, quietMs)).toBe(expected);
  });

  test('not while something beside it changes', () => {
    const path = join(folder(), 'app.db');
    writeFileSync(path, 'x');
    const { ctimeMs } = statSync(path);
    while (Date.now() < ctimeMs + 80);
    writeFileSync(`${path}-wal`, 'x');
    expect(isSettled(path, statSync(`${path}-wal`).ctimeMs + 10)).toBe(false);
  });
});

describe('the process of a snapshot', () => {
  beforeAll(useOwnProcesses);
  afterAll(useSharedProcesses);

  test('is cancelled at once, and leaves nothing', async () => {
    const path = join(folder(), 'large.db');
    createLarge(path, 40);
    const directory = work();
    const stop = new AbortController();
    const taking = takeSnapshot(path, {
      directory,
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    await expect(taking).rejects.toMatchObject({ code: 'interrupted' });
    expect(readdirSync(directory)).toEqual([]);
  });

  test('inherits no secret', async () => {
    const path = join(folder(), 'app.db');
    createLarge(path, 20);
    process.env['LIFEBOAT_TEST_SECRET'] = 'hunter2-in-the-environment';
    onTestFinished(() => void delete process.env['LIFEBOAT_TEST_SECRET']);
    const environments = new Set<string>();
    await takeSnapshot(path, {
      directory: work(),
      onProgress: () => {
        for (const text of environmentsOfChildren()) environments.add(text);
      },
    });
    expect(environments.size).toBeGreaterThan(0);
    expect([...environments].join()).not.toContain('hunter2');
  });
});

/** The environments of this process's own children, where the system shows them. */
const environmentsOfChildren = (): string[] =>
  readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/environ`, 'utf8')];
      } catch {
        return [];
      }
    });

test.each(['-wal', '-shm', '-journal'])(
  'a FIFO in the place of the %s is refused',
  async (suffix) => {
    const path = join(folder(), 'app.db');
    sql(path, SMALL);
    execFileSync('mkfifo', [`${path}${suffix}`]);
    await expect(takeSnapshot(path, { directory: work() })).rejects.toMatchObject({
      code: 'source_invalid',
      message: `${path}${suffix} is not a regular file`,
    });
  },
);
