import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { takeSnapshot } from '../../core/sqlite/snapshot/snapshot.ts';
import { folder } from '../support/files.ts';

// Needs root to mount files, as `docker run -v db.sqlite3:/db.sqlite3` does.
const SETUP =
  'pragma journal_mode = wal; create table if not exists t (x); insert into t values (0); pragma wal_checkpoint(truncate); insert into t values (1)';

test('a WAL database that is mounted as a single file is refused, because its -wal is not there', async () => {
  const home = folder();
  const db = new DatabaseSync(join(home, 'app.db'));
  db.exec(SETUP);
  const mounted = join(folder(), 'a mount.db');
  writeFileSync(mounted, '');
  execFileSync('mount', ['--bind', join(home, 'app.db'), mounted]);
  onTestFinished(() => void execFileSync('umount', [mounted]));
  const directory = folder();
  await expect(takeSnapshot(mounted, { directory })).rejects.toMatchObject({
    code: 'source_invalid',
    message: `${mounted} is mounted as a single file, and the rows in its -wal are out of reach`,
  });
  db.close();
});

test('a WAL database that an application has mounted as a single file elsewhere is refused', async () => {
  const home = folder();
  const inner = join(home, 'container');
  mkdirSync(inner);
  new DatabaseSync(join(home, 'app.db')).close();
  writeFileSync(join(inner, 'db.sqlite3'), '');
  const script = `
    mount --bind "${home}/app.db" "${inner}/db.sqlite3" &&
    exec "${process.execPath}" --disable-warning=ExperimentalWarning -e '
      const db = new (require("node:sqlite").DatabaseSync)("${inner}/db.sqlite3");
      db.exec(${JSON.stringify(SETUP)});
      console.log("ready");
      setInterval(() => db, 1000);'`;
  const application = spawn('unshare', ['-m', '--propagation', 'private', 'sh', '-c', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void application.kill());
  await once(application.stdout, 'data');
  const directory = folder();
  await expect(takeSnapshot(join(home, 'app.db'), { directory })).rejects.toMatchObject({
    code: 'source_invalid',
    message: `process ${application.pid} has ${home}/app.db open as ${inner}/db.sqlite3, and its -wal is there`,
  });
});

test('an idle database is copied from a file system that Lifeboat does not know', async () => {
  const home = folder();
  // Stands for a network file system: ramfs is on no list of those that keep their times here.
  execFileSync('mount', ['-t', 'ramfs', 'ramfs', home]);
  onTestFinished(() => void execFileSync('umount', [home]));
  const path = join(home, 'app.db');
  const db = new DatabaseSync(path);
  db.exec(SETUP);
  db.close();
  await sleep(3100);
  const snapshot = await takeSnapshot(path, { directory: folder(), inPlace: true });
  expect(snapshot.method).toBe('immutable');
});
