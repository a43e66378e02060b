import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { onTestFinished } from 'vitest';
import { folder } from './files.ts';

const root = join(import.meta.dirname, '..', '..');

/** A tmpfs of a few MiB, unmounted when the test ends. Needs root. */
export function mountTmpfs(mebibytes: number): string {
  return mount('-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs');
}

export function remountReadOnly(path: string): void {
  return void execFileSync('mount', ['-o', 'remount,ro', path]);
}

/** A folder that everybody may enter, with a home that belongs to another user. */
export function homeOf(uid: number): string {
  const base = folder();
  chmodSync(base, 0o755);
  const home = join(base, 'home');
  mkdirSync(home, { mode: 0o755 });
  chownSync(home, uid, uid);
  return home;
}

/** Runs a script of node:sqlite as another user. */
export function sqlAs(uid: number, path: string, text: string): void {
  const script =
    "const { DatabaseSync } = require('node:sqlite'); const db = new DatabaseSync(process.argv[1]); db.exec(process.argv[2]); db.close();";
  execFileSync(
    reachable(process.execPath),
    ['--disable-warning=ExperimentalWarning', '-e', script, path, text],
    {
      uid,
      gid: uid,
      stdio: 'pipe',
    },
  );
}

/** Starts a script as another user, until the test ends; its standard output can be read. */
export function startAs(uid: number, script: string, args: readonly string[]) {
  const child = spawn(
    reachable(process.execPath),
    ['--disable-warning=ExperimentalWarning', '-e', script, ...args],
    { uid, gid: uid, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** Runs the command line, as another user if one is given. Returns its exit status and JSON document. */
export function lifeboat(
  args: readonly string[],
  options: { cwd: string; uid?: number; env?: NodeJS.ProcessEnv },
) {
  const who = options.uid === undefined ? {} : { uid: options.uid, gid: options.uid };
  const at = options.uid === undefined ? (path: string) => path : reachable;
  const [node, cli] = [at(process.execPath), at(join(root, 'dist/cli/main.js'))];
  const env = { PATH: process.env['PATH'], HOME: '/nonexistent', ...options.env };
  const { status, stdout, stderr } = spawnSync(node, [cli, ...args, '--json'], {
    cwd: options.cwd,
    env,
    encoding: 'utf8',
    ...who,
  });
  return {
    status,
    document: JSON.parse(stdout || '{}') as Record<string, unknown> & {
      error?: { code: string; message: string; hint: string };
    },
    stderr,
  };
}

function mount(...args: string[]): string {
  const path = join(folder(), 'mounted');
  mkdirSync(path);
  chmodSync(join(path, '..'), 0o711);
  execFileSync('mount', [...args, path]);
  onTestFinished(() => void execFileSync('umount', ['-l', path]));
  return path;
}

/** The path of a project file under a mount that every user can reach, wherever the project was cloned. */
export function reachable(path: string): string {
  // Read-only, so that no test can remove the project.
  return join(mount('-o', 'bind,ro', root), relative(root, path));
}
