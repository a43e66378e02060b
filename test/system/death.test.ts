// The process that dies is a real one; the checks after it share processes, as in unit tests.
import '../support/engine/setup.ts';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Manifest } from '../../core/format/manifest.ts';
import { BACKUP, RESTORE, testApp } from '../support/app.ts';
import { sql } from '../support/databases.ts';
import { BARE } from '../support/environment.ts';
import { fingerprint, folder, sha256 } from '../support/files.ts';

const root = join(import.meta.dirname, '..', '..');
const YEAR = 366 * 86_400_000;
const LONG_AGO = new Date('2020-01-01');

/** Runs the command line and kills it right before its N-th file operation. With 0 it completes and returns the number of operations. */
const run = async (
  cwd: string,
  args: readonly string[],
  dieAt: number,
): Promise<{ killed: boolean; count: number }> => {
  const counter = join(cwd, 'count');
  const env = { ...BARE, TMPDIR: join(cwd, 'tmp'), DIE_AT: String(dieAt), COUNT_TO: counter };
  const preload = join(root, 'test/support/die-at.ts');
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      '--import',
      preload,
      join(root, 'dist/cli/main.js'),
      ...args,
      '--quiet',
    ],
    {
      cwd,
      env,
      stdio: 'ignore',
    },
  );
  const [status, signal] = (await once(child, 'exit')) as [number | null, string | null];
  if (signal === null && status !== 0) throw new Error(`${args.join(' ')} ended with ${status}`);
  return {
    killed: signal === 'SIGKILL',
    count: signal === null ? Number(readFileSync(counter, 'utf8')) : 0,
  };
};

/** A folder with a database and, if requested, a full backup of it. */
const prepare = async (withBackup: boolean): Promise<string> => {
  const cwd = folder();
  mkdirSync(join(cwd, 'tmp'));
  mkdirSync(join(cwd, 'data'));
  // Configured by name, because a database given by its path would be a different one in each copy of this folder.
  // SQLite in WebAssembly is a process of its own, which takes longer to start than all the rest,
  // and no file operation of the command depends on it.
  writeFileSync(
    join(cwd, 'lifeboat.yaml'),
    'databases: { app: { source: data/app.db, inspection: { sandboxLimit: 0B } } }\n',
  );
  sql(
    join(cwd, 'data/app.db'),
    'create table t (id integer primary key, v text); insert into t values (1, hex(zeroblob(9000)))',
  );
  if (!withBackup) return cwd;
  await run(cwd, ['backup', 'app'], 0);
  sql(join(cwd, 'data/app.db'), "insert into t values (2, 'more')");
  return cwd;
};

const clone = (from: string): string => {
  const cwd = join(folder(), 'clone');
  cpSync(from, cwd, { recursive: true, preserveTimestamps: true });
  return cwd;
};

/** Must hold after any crash: every listed backup restores, the next run works, and a later one removes the leftovers. */
const expectWhole = async (cwd: string, source: readonly string[]): Promise<void> => {
  expect(fingerprint(join(cwd, 'data'))).toEqual(source);
  const env = { TMPDIR: join(cwd, 'tmp') };
  const app = await testApp({ cwd, env });
  for (const { id, sha256: expected } of await app.list('app')) {
    await app.restore('app', { ...RESTORE, at: id, to: 'listed.db' });
    expect(sha256(join(cwd, 'listed.db'))).toBe(expected);
    rmSync(join(cwd, 'listed.db'));
  }
  const next = await app.backup('app', BACKUP);
  expect(next.verdict).toBe('ok');
  expect(readdirSync(join(cwd, 'tmp'))).toEqual([]);
  expect((await app.verify('app', { readData: true })).backups.filter(({ ok }) => !ok)).toEqual([]);
  // Everything that a run leaves expires, at the latest with the backup that it was about to commit.
  const later = await testApp({
    cwd,
    env,
    overrides: { now: () => new Date(Date.now() + 5 * YEAR) },
  });
  makeOld(join(cwd, 'backups'));
  await later.prune({ dryRun: false });
  expect(unnamed(join(cwd, 'backups'))).toEqual([]);
};

/**
 * Lets years pass for the files that no manifest names. A folder store also asks the clock of its
 * file system, which no test can set.
 */
const makeOld = (store: string): void => {
  const files = unnamed(store);
  for (const name of files) {
    const path = join(store, name);
    const isSidecar = name.endsWith('.meta');
    if (isSidecar) {
      const content = readFileSync(path, 'utf8');
      writeFileSync(
        path,
        content.replace(/"expires":"[^"]*"/, '"expires":"2020-01-01T00:00:00.000Z"'),
      );
    }
    // The sidecar of an object has the time of that object.
    if (isSidecar || !files.includes(`${name}.meta`)) utimesSync(path, LONG_AGO, LONG_AGO);
  }
};

/** Files under databases/ that no manifest names. */
const unnamed = (store: string): string[] => {
  const files = readdirSync(join(store, 'databases'), {
    recursive: true,
    withFileTypes: true,
    encoding: 'utf8',
  })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(store.length + 1));
  const manifests = files.filter((name) => name.endsWith('/manifest.json'));
  const named = manifests.flatMap((name) => [
    name,
    ...(JSON.parse(readFileSync(join(store, name), 'utf8')) as Manifest).objects.map(
      ({ key }) => key,
    ),
  ]);
  return files.filter((name) => !named.includes(name.replace(/\.meta$/, '')));
};

/** Tries every N, two at a time. */
const dieEverywhere = async (count: number, at: (n: number) => Promise<void>): Promise<void> => {
  let next = 1;
  const worker = async (): Promise<void> => {
    for (let n = next++; n <= count; n = next++) await at(n);
  };
  await Promise.all([worker(), worker()]);
};

// Several hundred crashes, each followed by a restore, a backup and a verify.
describe('killed at any file operation', { timeout: 2_400_000 }, () => {
  test.each([
    ['a full backup', false],
    ['an incremental backup', true],
  ])('%s leaves nothing that is listed and does not restore', async (_, withBackup) => {
    const start = await prepare(withBackup);
    const trial = clone(start);
    const { count } = await run(trial, ['backup', 'app'], 0);
    expect(count).toBeGreaterThan(50);
    await dieEverywhere(count, async (n) => {
      const cwd = clone(start);
      const source = fingerprint(join(cwd, 'data'));
      const { killed } = await run(cwd, ['backup', 'app'], n);
      expect(killed, `operation ${n}`).toBe(true);
      await expectWhole(cwd, source);
      rmSync(cwd, { recursive: true });
    });
  });

  test('a restore leaves the target complete or absent and never loses the old file', async () => {
    const start = await prepare(true);
    await run(start, ['backup', 'app'], 0);
    const app = await testApp({ cwd: start });
    const [newest] = await app.list('app');
    copyFileSync(join(start, 'data/app.db'), join(start, 'old.db'));
    const old = sha256(join(start, 'old.db'));
    for (const args of [
      ['restore', 'app', '--to', 'new.db'],
      ['restore', 'app', '--to', 'old.db', '--force'],
    ]) {
      const { count } = await run(clone(start), args, 0);
      expect(count).toBeGreaterThan(5);
      await dieEverywhere(count, async (n) => {
        const cwd = clone(start);
        const source = fingerprint(join(cwd, 'data'));
        expect((await run(cwd, args, n)).killed, `operation ${n}`).toBe(true);
        const target = join(cwd, args[3] ?? '');
        if (existsSync(target)) expect([newest?.sha256, old]).toContain(sha256(target));
        const kept = readdirSync(cwd)
          .filter((name) => name.startsWith('old.db'))
          .map((name) => sha256(join(cwd, name)));
        expect(kept).toContain(old);
        const again = await testApp({ cwd, env: { TMPDIR: join(cwd, 'tmp') } });
        await again.restore('app', { ...RESTORE, to: args[3] ?? '', force: true });
        expect(sha256(target)).toBe(newest?.sha256);
        await expectWhole(cwd, source);
        rmSync(cwd, { recursive: true });
      });
    }
  });
});
