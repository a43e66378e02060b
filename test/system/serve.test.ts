import { once } from 'node:events';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sql, SMALL } from '../support/databases.ts';
import { start } from '../support/dev.ts';
import { folder } from '../support/files.ts';

const main = join(import.meta.dirname, '..', '..', 'cli', 'main.ts');
const TOKEN = 'a7'.repeat(16);

describe('lifeboat serve', () => {
  test('backs up what was missed, answers only requests with the token, tells systemd when it is ready, and stops at SIGTERM', async () => {
    const cwd = folder();
    sql(join(cwd, 'shop.db'), SMALL);
    writeFileSync(
      join(cwd, 'lifeboat.yaml'),
      'databases: { shop: { source: shop.db, schedule: "0 3 1 1 *" } }\n',
    );
    // A fake `systemd-notify` that records the messages for systemd.
    writeFileSync(join(cwd, 'systemd-notify'), `#!/bin/sh\necho "$@" >> ${cwd}/notified\n`);
    chmodSync(join(cwd, 'systemd-notify'), 0o755);
    const variables = [
      `LIFEBOAT_SERVE_TOKEN=${TOKEN}`,
      `NOTIFY_SOCKET=${cwd}/socket`,
      `PATH=${cwd}:${process.env['PATH']}`,
    ];
    const args = ['serve', '--port', '0', '--host', '0.0.0.0'];
    const { child, said, address } = start(
      '/usr/bin/env',
      [...variables, process.execPath, main, ...args],
      cwd,
    );
    const url = await address();
    expect((await fetch(`${url}/status/health`)).status).toBe(200);
    for (const path of ['/status', '/status/metrics', '/backup-now'])
      expect((await fetch(`${url}${path}`)).status).toBe(401);
    const headers = { authorization: `Bearer ${TOKEN}` };
    const lastBackup = async (): Promise<unknown> => {
      const document = (await (await fetch(`${url}/status`, { headers })).json()) as {
        databases: { lastBackup: { reason: string } | null }[];
      };
      return document.databases[0]?.lastBackup?.reason;
    };
    await expect.poll(lastBackup, { timeout: 120_000, interval: 500 }).toBe('schedule');
    child.kill('SIGTERM');
    const [status] = (await once(child, 'exit')) as [number | null];
    expect([status, said.out]).toEqual([0, expect.stringContaining('Stopping.')]);
    expect(readFileSync(join(cwd, 'notified'), 'utf8')).toContain('--ready\n');
    for (const line of said.err.trim().split('\n'))
      expect(JSON.parse(line)).toMatchObject({ message: expect.any(String) });
  });

  test('writes one line about a message that it cannot take, and no stack', async () => {
    const cwd = folder();
    sql(join(cwd, 'shop.db'), SMALL);
    const config = join(cwd, 'lifeboat.yaml');
    writeFileSync(config, 'databases: { shop: { source: shop.db } }\n');
    const { child, said, address } = start(process.execPath, [main, 'serve', '--port', '0'], cwd);
    const url = await address();
    writeFileSync(config, 'databases: 1\n');
    const { status } = await fetch(`${url}/projects/local/topics/lifeboat-backup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        message: { data: btoa('{"database":"shop"}'), messageId: '1', publishTime: new Date() },
        subscription: 'projects/local/subscriptions/s',
      }),
    });
    expect(status).toBe(500);
    child.kill('SIGTERM');
    await once(child, 'exit');
    const lines = said.err.split('\n');
    expect(lines.filter((line) => line.includes('will be delivered again'))).toHaveLength(1);
    expect(lines.filter((line) => /stack_trace|^ +at /.test(line))).toEqual([]);
  });
});
