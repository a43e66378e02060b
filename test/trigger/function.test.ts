import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { trigger, type TriggerOptions } from '../../core/trigger/trigger.ts';
import { runCli } from '../support/cli.ts';
import { folder } from '../support/files.ts';
import { serveFunctions } from '../support/functions.ts';
import { silent, startBackupNow } from '../fakes/backup-now.ts';

const run = (args: readonly string[], env: Record<string, string> = {}, signal?: AbortSignal) => {
  const cwd = folder();
  const variables = { HOME: cwd, METADATA_SERVER_DETECTION: 'none', ...env };
  return runCli(cwd, ['trigger', ...args], variables, signal);
};

describe('lifeboat trigger against the function', () => {
  test('prints the document of the backup that is in the store then, and the same one for the same key', async () => {
    const { now, app } = await serveFunctions();
    const first = await run(['notes', '--url', now, '--json', '--key', 'deploy-42']);
    expect([first.status, JSON.parse(first.stdout)]).toMatchObject([
      0,
      { ok: true, database: 'notes', verdict: 'ok', reason: 'pre-deploy' },
    ]);
    const { id } = JSON.parse(first.stdout) as { id: string };
    const again = await run(['notes', '--url', now, '--key', 'deploy-42']);
    expect([again.status, again.stdout]).toEqual([
      0,
      expect.stringContaining(`${id}  full, every page`),
    ]);
    expect((await (await app()).list('notes')).map((each) => each.id)).toEqual([id]);
    const other = await run(['notes', '--url', now, '--json', '--reason', 'pre-push']);
    expect(JSON.parse(other.stdout)).toMatchObject({ ok: true, reason: 'pre-push' });
    expect(await (await app()).list('notes')).toHaveLength(2);
  });

  test.each<[string, (cwd: string) => void, Partial<TriggerOptions>, number, string]>([
    [
      'a database that is none',
      (cwd) => writeFileSync(join(cwd, 'notes.db'), 'nothing of the kind'.repeat(99)),
      {},
      3,
      'source_invalid',
    ],
    [
      'a migration that is not applied',
      () => undefined,
      { expectMigrations: ['shop.0042_add_index'] },
      3,
      'source_unhealthy',
    ],
    [
      'a key that was used for something else',
      () => undefined,
      { key: 'deploy-1', kind: 'full' },
      2,
      'usage',
    ],
    ['a database that is not configured', () => undefined, { database: 'shop' }, 4, 'not_found'],
    [
      'a file that is gone, after four times',
      (cwd) => rmSync(join(cwd, 'notes.db')),
      {},
      3,
      'source_unreachable',
    ],
  ])(
    '%s stops the deploy, with the reason of the function',
    async (_, prepare, more, exit, code) => {
      const { now, cwd, app } = await serveFunctions();
      const ask = (key: string, asked: Partial<TriggerOptions> = {}) =>
        trigger({
          url: now,
          database: 'notes',
          reason: 'pre-deploy',
          kind: 'auto',
          accept: false,
          expectMigrations: [],
          key,
          pauses: [1, 1, 1],
          timeoutMs: 60_000,
          signal: new AbortController().signal,
          identity: () => Promise.reject(new Error('not here')),
          ...asked,
        });
      await ask('deploy-1');
      prepare(cwd);
      await expect(ask('deploy-2', more)).rejects.toMatchObject({
        code,
        exit,
        hint: expect.any(String),
      });
      expect(await (await app()).list('notes')).toHaveLength(1);
    },
  );
});

describe('lifeboat trigger', () => {
  test('ends with 130 when it is interrupted', async () => {
    const { url, asked } = await startBackupNow(silent({ event: 'beat' }));
    const interrupt = new AbortController();
    const end = run(['shop', '--url', url, '--json'], {}, interrupt.signal);
    await expect.poll(() => asked.length, { timeout: 30_000 }).toBe(1);
    interrupt.abort();
    const { status, stdout } = await end;
    expect([status, JSON.parse(stdout)]).toMatchObject([
      130,
      { ok: false, error: { code: 'interrupted' } },
    ]);
  });

  test.each([
    ['no address', ['shop'], 'usage'],
    ['an address without encryption', ['shop', '--url', 'http://backups.example.com'], 'usage'],
    [
      'a time-out that is none',
      ['shop', '--url', 'http://127.0.0.1:1', '--timeout', 'soon'],
      'usage',
    ],
    ['a token that is none', ['shop', '--url', 'https://backups.example.com'], 'config_invalid'],
  ])('%s ends with 2', async (_, args, code) => {
    const env = { LIFEBOAT_ID_TOKEN: 'hunter2' };
    const { status, stdout, stderr } = await run([...args, '--json'], env);
    expect([status, JSON.parse(stdout)]).toMatchObject([2, { error: { code } }]);
    expect(stdout + stderr).not.toContain('hunter2');
  });
});
