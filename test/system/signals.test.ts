import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { sql, SMALL } from '../support/databases.ts';
import { dev } from '../support/dev.ts';
import { BARE } from '../support/environment.ts';
import { folder } from '../support/files.ts';

const main = join(import.meta.dirname, '..', '..', 'cli', 'main.ts');
const command = (cwd: string, ...args: string[]) =>
  spawn(process.execPath, [main, ...args], { cwd, env: { ...BARE, TMPDIR: cwd } });

describe('a command', () => {
  test('that has printed its document does not end by a signal', { timeout: 120_000 }, async () => {
    for (let round = 0; round < 3; round += 1) {
      const child = command(folder(), 'keygen', '--json');
      child.stderr.resume();
      let out = '';
      const closed = once(child, 'close') as Promise<[number | null, string | null]>;
      child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
      await once(child.stdout, 'data');
      // A burst, because the moment between the last line and the end is short.
      while (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGINT');
        await sleep(0);
      }
      expect([...(await closed), (JSON.parse(out) as { ok: boolean }).ok]).toEqual([0, null, true]);
    }
  });

  test('whose reader closes the pipe ends without a stack trace', async () => {
    const child = spawn('bash', [
      '-c',
      '"$0" "$1" --help | head -1; exit ${PIPESTATUS[0]}',
      process.execPath,
      main,
    ]);
    const output = { out: '', err: '' };
    child.stdout.on('data', (chunk: Buffer) => (output.out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output.err += chunk.toString()));
    const [status] = (await once(child, 'close')) as [number];
    expect([status, output]).toEqual([0, { out: expect.stringMatching(/^Usage: .*\n$/), err: '' }]);
  });

  test('whose output is a full disk fails', async () => {
    const child = spawn('bash', ['-c', '"$0" "$1" --help > /dev/full', process.execPath, main]);
    let err = '';
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    const [status] = (await once(child, 'close')) as [number];
    expect([status, err]).toEqual([7, expect.stringMatching(/^error: the output could not be/)]);
  });
});

/** A health check that answers after `ms`, so that a backup is running for so long. */
async function slowHealth(ms: number) {
  let requests = 0;
  const server = createServer((_, response) => {
    requests += 1;
    setTimeout(() => response.end('ok'), ms);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, requests: () => requests };
}

/** `lifeboat dev` with a backup that is running. */
async function devWithRun(healthMs: number) {
  const cwd = folder();
  const health = await slowHealth(healthMs);
  sql(join(cwd, 'notes.db'), SMALL);
  writeFileSync(
    join(cwd, 'lifeboat.yaml'),
    `databases: { notes: { source: notes.db, schedule: "0 3 * * *", health: { url: "${health.url}", timeout: 5m } } }\n`,
  );
  const daemon = dev(cwd);
  await daemon.address();
  await expect.poll(health.requests, { timeout: 60_000 }).toBe(1);
  const runs = () => {
    const path = join(cwd, 'backups/runs');
    const names = readdirSync(path, { recursive: true, encoding: 'utf8' });
    return names
      .filter((name) => name.endsWith('.json'))
      .map((name) => JSON.parse(readFileSync(join(path, name), 'utf8')) as Record<string, unknown>)
      .filter((record) => 'endedAt' in record);
  };
  return { ...daemon, runs };
}

describe('lifeboat dev', () => {
  test('lets a running backup end after SIGTERM', { timeout: 120_000 }, async () => {
    const { child, runs } = await devWithRun(500);
    child.kill('SIGTERM');
    const [status] = (await once(child, 'exit')) as [number | null];
    expect(status).toBe(0);
    expect(runs()).toMatchObject([{ operation: 'backup', ok: true }]);
  });

  test('records the interruption of a backup that takes longer', { timeout: 120_000 }, async () => {
    const { child, runs } = await devWithRun(240_000);
    const start = performance.now();
    child.kill('SIGTERM');
    const [status] = (await once(child, 'exit')) as [number | null];
    expect(status).toBe(0);
    expect(performance.now() - start).toBeLessThan(19_500);
    expect(runs()).toMatchObject([
      { operation: 'backup', ok: false, error: { code: 'interrupted' } },
    ]);
  });

  test('records it when its own process is killed, too', { timeout: 120_000 }, async () => {
    const { child, runs } = await devWithRun(240_000);
    child.kill('SIGKILL');
    await expect
      .poll(runs, { timeout: 20_000 })
      .toMatchObject([{ operation: 'backup', ok: false, error: { code: 'interrupted' } }]);
  });

  test('says that its port is in use', { timeout: 60_000 }, async () => {
    const cwd = folder();
    sql(join(cwd, 'notes.db'), SMALL);
    writeFileSync(join(cwd, 'lifeboat.yaml'), 'databases: { notes: { source: notes.db } }\n');
    const { url } = await slowHealth(0);
    const { port } = new URL(url);
    const child = command(cwd, 'dev', '--port', port);
    let err = '';
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    const [status] = (await once(child, 'close')) as [number];
    expect([status, err]).toEqual([
      2,
      `error: port ${port} is already in use\nhint: Choose another port with --port, or any free port with --port 0.\n`,
    ]);
  });
});
