import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { sql } from '../support/databases.ts';
import { BARE } from '../support/environment.ts';
import { folder, sha256 } from '../support/files.ts';
import { placeFile } from '../support/place-file.ts';

const root = join(import.meta.dirname, '..', '..');
const SUFFIXES = ['', '-wal', '-shm', '-journal'];
const OLD_ROWS = 201;
const NEW_ROWS = 5;

/** Copies a database with everything beside it, as a process that was killed just now leaves it. */
const copySet = (from: string, to: string): void => {
  for (const suffix of SUFFIXES)
    if (existsSync(`${from}${suffix}`)) copyFileSync(`${from}${suffix}`, `${to}${suffix}`);
};

const abandon = (path: string, before: string, after: string): void => {
  const live = join(folder(), 'live.db');
  const db = new DatabaseSync(live);
  db.exec(before);
  db.exec(after);
  copySet(live, path);
  db.close();
};

const ROWS =
  'with recursive n(i) as (select 1 union all select i + 1 from n where i < 200) insert into t select i, hex(zeroblob(400)) from n';

/** Old databases in the states in which a restore may find them. */
const OLD: Record<string, (path: string) => void> = {
  'in one file': (path) => sql(path, `create table t (x, y); insert into t values (0, 0); ${ROWS}`),
  'with rows in its -wal': (path) =>
    abandon(
      path,
      'pragma journal_mode = wal; create table t (x, y); insert into t values (0, 0); pragma wal_checkpoint(truncate)',
      ROWS,
    ),
  'with a hot -journal': (path) =>
    abandon(
      path,
      `create table t (x, y); insert into t values (0, 0); ${ROWS}`,
      'pragma cache_size = 2; begin; delete from t where x % 2; update t set y = 1',
    ),
  'with an empty -wal': (path) => {
    sql(path, `create table t (x, y); insert into t values (0, 0); ${ROWS}`);
    writeFileSync(`${path}-wal`, '');
  },
};

/** The arguments of `placeFile`. */
const placing = (cwd: string) =>
  [join(cwd, 'new.db'), join(cwd, 'there/x.db'), join(cwd, 'tmp')] as const;

/** Runs `placeFile` and kills it right before its N-th file operation; 0 lets it end. */
const run = async (cwd: string, dieAt: number): Promise<{ killed: boolean; count: number }> => {
  const counter = join(cwd, 'count');
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      '--import',
      join(root, 'test/support/die-at.ts'),
      join(root, 'test/support/place-process.ts'),
      ...placing(cwd),
    ],
    {
      cwd,
      env: { ...BARE, DIE_AT: String(dieAt), COUNT_TO: counter },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const [status, signal] = (await once(child, 'exit')) as [number | null, string | null];
  if (signal === null && status !== 0) throw new Error(`place ended with ${status}`);
  return {
    killed: signal === 'SIGKILL',
    count: signal ? 0 : Number(readFileSync(counter, 'utf8')),
  };
};

const prepare = (make: (path: string) => void): string => {
  const cwd = folder();
  for (const name of ['there', 'tmp', 'look']) mkdirSync(join(cwd, name));
  make(join(cwd, 'there/x.db'));
  sql(join(cwd, 'new.db'), 'create table t (x); insert into t values (1), (2), (3), (4), (5)');
  return cwd;
};

/** The rows that an application sees that starts now, without touching the files. */
const rowsAt = (cwd: string, path: string): unknown => {
  const copy = join(cwd, 'look/x.db');
  for (const suffix of SUFFIXES) rmSync(`${copy}${suffix}`, { force: true });
  copySet(path, copy);
  const db = new DatabaseSync(copy);
  try {
    expect(db.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' });
    return db.prepare('select count(*) as n from t').get()?.['n'];
  } finally {
    db.close();
  }
};

const names = (cwd: string): string[] => readdirSync(join(cwd, 'there')).sort();

/** Whether these bytes are there under one name, with what belongs beside it. */
const isKept = (cwd: string, old: ReadonlyMap<string, string>): boolean =>
  names(cwd)
    .filter((name) => /^x\.db(\.before-restore-\w+(-\d+)?)?$/.test(name))
    .some((name) =>
      [...old].every(([suffix, digest]) => {
        const path = join(cwd, 'there', `${name}${suffix}`);
        return existsSync(path) && sha256(path) === digest;
      }),
    );

const digests = (path: string): Map<string, string> =>
  new Map(
    SUFFIXES.filter((suffix) => existsSync(`${path}${suffix}`)).map((suffix) => [
      suffix,
      sha256(`${path}${suffix}`),
    ]),
  );

/** Kills at every operation, checks, and places the file again, in this process: it starts faster. */
const killEverywhere = async (
  make: (path: string) => void,
  check: (cwd: string, operation: number) => void,
): Promise<void> => {
  const { count } = await run(prepare(make), 0);
  expect(count).toBeGreaterThan(10);
  for (let operation = 1; operation <= count; operation += 1) {
    const cwd = prepare(make);
    const target = join(cwd, 'there/x.db');
    const old = digests(target);
    expect((await run(cwd, operation)).killed, `operation ${operation}`).toBe(true);
    check(cwd, operation);
    expect(isKept(cwd, old), `the old files after operation ${operation}`).toBe(true);
    await placeFile(...placing(cwd));
    expect(sha256(target)).toBe(sha256(join(cwd, 'new.db')));
    expect(names(cwd).filter((name) => /^\.|^x\.db-/.test(name))).toEqual([]);
    expect(isKept(cwd, old), `the old files at the end`).toBe(true);
    rmSync(cwd, { recursive: true });
  }
};

describe('a forced restore that is killed at any file operation', { timeout: 2_400_000 }, () => {
  test.each(Object.entries(OLD))(
    'leaves the whole old or the whole new database, when the old one is %s',
    async (_, make) => {
      await killEverywhere(make, (cwd, operation) => {
        const rows = rowsAt(cwd, join(cwd, 'there/x.db'));
        expect([OLD_ROWS, NEW_ROWS], `operation ${operation}`).toContain(rows);
      });
    },
  );

  test('leaves the old files, no database or the new one, when SQLite cannot read the old one', async () => {
    const make = (path: string) => {
      writeFileSync(path, 'no database');
      writeFileSync(`${path}-wal`, 'its rows');
    };
    await killEverywhere(make, (cwd, operation) => {
      const target = join(cwd, 'there/x.db');
      const state = ['', '-wal'].map((suffix) =>
        existsSync(`${target}${suffix}`) ? readFileSync(`${target}${suffix}`, 'latin1') : 'absent',
      );
      const fresh = readFileSync(join(cwd, 'new.db'), 'latin1');
      expect(
        [
          ['no database', 'its rows'],
          ['absent', 'its rows'],
          ['absent', 'absent'],
          [fresh, 'absent'],
        ],
        `operation ${operation}`,
      ).toContainEqual(state);
    });
  });
});
