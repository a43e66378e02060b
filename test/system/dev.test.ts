import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { sql, SMALL } from '../support/databases.ts';
import { folder } from '../support/files.ts';

const root = join(import.meta.dirname, '..', '..');
const main = join(root, 'cli/main.ts');

/** A process with what it has said so far. */
const start = (command: string, args: readonly string[], cwd: string) => {
  const child: ChildProcess = spawn(command, args, {
    cwd,
    env: { PATH: process.env['PATH'], TMPDIR: cwd, HOME: cwd, METADATA_SERVER_DETECTION: 'none' },
    detached: true,
  });
  const said = { out: '', err: '' };
  child.stdout?.on('data', (text: Buffer) => (said.out += text.toString()));
  child.stderr?.on('data', (text: Buffer) => (said.err += text.toString()));
  // The whole group: what it started must not outlive a test that failed.
  onTestFinished(() => {
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL');
    } catch {
      // It has ended.
    }
  });
  const address = async (): Promise<string> => {
    await expect.poll(() => said.out + said.err, { timeout: 120_000 }).toContain('Lifeboat is running');
    return /http:\/\/127\.0\.0\.1:\d+/.exec(said.out)?.[0] ?? '';
  };
  /** As Ctrl-C in a terminal: to everybody in the group. */
  const interrupt = async (): Promise<number | null> => {
    process.kill(-(child.pid ?? 0), 'SIGINT');
    const [status] = (await once(child, 'exit')) as [number | null];
    return status;
  };
  return { child, said, address, interrupt };
};
const dev = (cwd: string, ...args: string[]) => start(process.execPath, [main, 'dev', '--port', '0', ...args], cwd);
const groupIsGone = (child: ChildProcess): boolean => {
  try {
    process.kill(-(child.pid ?? 0), 0);
    return false;
  } catch {
    return true;
  }
};

describe('lifeboat dev', () => {
  test('makes a sample where nothing is configured, shows a full backup, an increment and a restore, and runs on until Ctrl-C', async () => {
    const cwd = folder();
    const { said, address, interrupt, child } = dev(cwd);
    const url = await address();
    expect(said.out).toMatch(/full, (\d+) of \1 pages[\s\S]*incremental, \d+ of \d+ pages[\s\S]*SHA-256 as in the manifest/);
    const state = (await (await fetch(`${url}/status`)).json()) as { ok: boolean; databases: { name: string; lastBackup: unknown }[] };
    expect(state).toMatchObject({ ok: true, databases: [{ name: 'shop', lastBackup: { verdict: 'ok' } }] });
    const response = await fetch(`${url}/backup-now`, { method: 'POST', body: '{"database": "shop"}' });
    expect([response.status, await response.json()]).toMatchObject([200, { ok: true, kind: 'incremental', reason: 'pre-deploy' }]);
    expect(await interrupt()).toBe(0);
    await expect.poll(() => groupIsGone(child)).toBe(true);
    expect(readdirSync(cwd)).toEqual(['lifeboat-demo']);
  });

  test('listens on this machine only, and answers nobody who came by another name', async () => {
    const cwd = folder();
    const { address } = dev(cwd);
    const url = await address();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:/);
    const [answer] = (await once(get(`${url}/status`, { headers: { host: 'evil.example' } }), 'response')) as [{ statusCode: number }];
    expect(answer.statusCode).toBe(421);
  });

  test('serves a configuration: what was missed is made up for at once, and the schedule fires', async () => {
    const cwd = folder();
    sql(join(cwd, 'notes.db'), SMALL);
    writeFileSync(join(cwd, 'lifeboat.yaml'), 'databases: { notes: { source: notes.db, schedule: "* * * * *" } }\n');
    const { said, interrupt, address } = dev(cwd);
    await address();
    const done = () => said.err.match(/backup of notes done/g)?.length ?? 0;
    await expect.poll(done, { timeout: 60_000 }).toBeGreaterThan(0);
    await expect.poll(done, { timeout: 130_000 }).toBeGreaterThan(1);
    expect(existsSync(join(cwd, 'lifeboat-demo'))).toBe(false);
    expect(await interrupt()).toBe(0);
  });

  test.each<[string, (cwd: string) => void, RegExp]>([
    ['a folder of the sample that somebody else made', (cwd) => mkdirSync(join(cwd, 'lifeboat-demo')), /lifeboat-demo/],
    ['a configuration that is wrong', (cwd) => writeFileSync(join(cwd, 'lifeboat.yaml'), 'databases: 3\n'), /databases/],
  ])('%s is refused, and nothing stays behind', async (_, prepare, says) => {
    const cwd = folder();
    prepare(cwd);
    const { child, said } = dev(cwd);
    const [code] = (await once(child, 'exit')) as [number];
    expect([code, said.err]).toEqual([2, expect.stringMatching(says)]);
    await expect.poll(() => groupIsGone(child), { timeout: 20_000 }).toBe(true);
  });

  test('is what npm start runs', async () => {
    onTestFinished(() => rmSync(join(root, 'lifeboat-demo'), { recursive: true, force: true }));
    const { address, interrupt, child } = start('npm', ['start', '--', '--port', '0'], root);
    expect(await address()).toMatch(/^http/);
    await interrupt();
    await expect.poll(() => groupIsGone(child), { timeout: 20_000 }).toBe(true);
  });
});
