import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished } from 'vitest';

/** Starts a process that writes to a database without pause; stops with the test, or with `stop`. */
export async function startWriter(
  path: string,
  mode: string,
  pauseMs = 0,
): Promise<{ turns: () => number; stop: () => Promise<void> }> {
  const child = fork(
    join(import.meta.dirname, 'writer-process.ts'),
    [path, mode, String(pauseMs)],
    {
      execArgv: ['--disable-warning=ExperimentalWarning'],
    },
  );
  let turns = 0;
  child.on('message', (count: number) => (turns = count));
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'message');
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.send('stop');
    await ended;
  };
  return { turns: () => turns, stop };
}

/** Holds the exclusive lock of a database in another process, with a change that is committed on release. */
export async function lockInOtherProcess(path: string): Promise<() => void> {
  const script = `
    const { DatabaseSync } = require('node:sqlite');
    const db = new DatabaseSync(process.argv[1]);
    db.exec("begin exclusive; update notes set body = 'x'");
    process.stdout.write('locked');
    process.stdin.once('data', () => { db.exec('commit'); db.close(); process.exit(0); });`;
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '-e', script, path],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return () => void child.stdin.write('release');
}

/** Fails unless the file is a complete state between two transactions of the writer. */
export function expectConsistent(path: string): number {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    expect(db.prepare('pragma integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
    const { total } = db
      .prepare('select (select sum(amount) from a) + (select sum(amount) from b) as total')
      .get() as { total: number };
    expect(total).toBe(6_000_000);
    return (db.prepare('select count(*) as n from a').get() as { n: number }).n;
  } finally {
    db.close();
  }
}
