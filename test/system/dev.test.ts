import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { get, request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { sql, SMALL } from '../support/databases.ts';
import { dev, start } from '../support/dev.ts';
import { folder } from '../support/files.ts';

const root = join(import.meta.dirname, '..', '..');
const groupIsGone = (child: ChildProcess): boolean => {
  try {
    process.kill(-(child.pid ?? 0), 0);
    return false;
  } catch {
    return true;
  }
};

describe('lifeboat dev', () => {
  test('without a configuration creates a sample, shows a full backup, an increment and a restore, and keeps running until Ctrl-C', async () => {
    const cwd = folder();
    const { said, address, interrupt, child } = dev(cwd);
    const url = await address();
    expect(said.out).toMatch(
      /full, (\d+) of \1 pages[\s\S]*incremental, \d+ of \d+ pages[\s\S]*SHA-256 as in the manifest/,
    );
    const state = (await (await fetch(`${url}/status`)).json()) as {
      ok: boolean;
      databases: { name: string; lastBackup: unknown }[];
    };
    expect(state).toMatchObject({
      ok: true,
      databases: [{ name: 'shop', lastBackup: { verdict: 'ok' } }],
    });
    const metrics = await (await fetch(`${url}/status/metrics`)).text();
    expect(metrics).toContain('lifeboat_backups{database="shop"} 2\n');
    const detail = await (await fetch(`${url}/status/databases/shop`)).json();
    expect(detail).toMatchObject({
      ok: true,
      name: 'shop',
      history: [{ kind: 'incremental' }, { kind: 'full' }],
    });
    expect(await (await fetch(`${url}/status/health`)).json()).toEqual({ ok: true });
    const response = await fetch(`${url}/backup-now`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"database": "shop"}',
    });
    expect([response.status, await response.json()]).toMatchObject([
      200,
      { ok: true, kind: 'incremental', reason: 'pre-deploy' },
    ]);
    expect(await interrupt()).toBe(0);
    await expect.poll(() => groupIsGone(child)).toBe(true);
    expect(readdirSync(cwd)).toEqual(['lifeboat-demo']);
  });

  test('listens on the loopback interface only and refuses other host names', async () => {
    const cwd = folder();
    const { address } = dev(cwd);
    const url = await address();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:/);
    const [answer] = (await once(
      get(`${url}/status`, { headers: { host: 'evil.example' } }),
      'response',
    )) as [{ statusCode: number }];
    expect(answer.statusCode).toBe(421);
  });

  test('ignores requests from web pages of other sites', async () => {
    const { address, said } = dev(folder());
    const url = await address();
    const post = async (path: string, body: object, headers: Record<string, string>) => {
      const call = request(`${url}${path}`, { method: 'POST', headers });
      call.end(JSON.stringify(body));
      const [response] = (await once(call, 'response')) as [IncomingMessage];
      response.resume();
      return response.statusCode;
    };
    const order = { database: 'shop' };
    const push = { message: { data: btoa(JSON.stringify(order)), messageId: '1' } };
    const json = { 'content-type': 'application/json' };
    const form = { 'content-type': 'text/plain' };
    const page = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    const topic = '/projects/local/topics/lifeboat-backup';
    const runs = () => said.err.match(/backup of shop done/g)?.length ?? 0;
    const before = runs();
    expect(await post('/backup-now', order, { ...json, ...page })).toBe(403);
    expect(await post('/backup-now', order, form)).toBe(400);
    expect(await post(topic, push, { ...json, ...page })).toBe(403);
    expect(await post(topic, push, { ...form, ...page })).toBe(403);
    expect(runs()).toBe(before);
  });

  test('serves a configuration: runs missed backups at once and follows the schedule', async () => {
    const cwd = folder();
    sql(join(cwd, 'notes.db'), SMALL);
    writeFileSync(
      join(cwd, 'lifeboat.yaml'),
      'databases: { notes: { source: notes.db, schedule: "* * * * *" } }\n',
    );
    const { said, interrupt, address } = dev(cwd);
    await address();
    const done = () => said.err.match(/backup of notes done/g)?.length ?? 0;
    await expect.poll(done, { timeout: 60_000 }).toBeGreaterThan(0);
    await expect.poll(done, { timeout: 130_000 }).toBeGreaterThan(1);
    expect(existsSync(join(cwd, 'lifeboat-demo'))).toBe(false);
    expect(await interrupt()).toBe(0);
  });

  test.each<[string, (cwd: string) => void, RegExp]>([
    [
      'a sample folder that somebody else created',
      (cwd) => mkdirSync(join(cwd, 'lifeboat-demo')),
      /lifeboat-demo/,
    ],
    [
      'an invalid configuration',
      (cwd) => writeFileSync(join(cwd, 'lifeboat.yaml'), 'databases: 3\n'),
      /databases/,
    ],
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
