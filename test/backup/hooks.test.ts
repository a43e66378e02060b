import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { App } from '../../core/app/app.ts';
import type { Notification } from '../../core/notify/notification.ts';
import { parseConfig } from '../../core/config/load.ts';
import { BACKUP, testApp } from '../support/app.ts';
import { sql, SMALL } from '../support/databases.ts';
import { folder } from '../support/files.ts';

/** An App whose database `shop` has these hooks; each may write into the file `$OUT`. */
async function shopWith(hooks: string, options: Parameters<typeof testApp>[0] = {}) {
  const cwd = folder();
  const out = join(cwd, 'out');
  const lines: { severity: string; event: string; [field: string]: unknown }[] = [];
  writeFileSync(
    join(cwd, 'lifeboat.yaml'),
    `databases: { shop: { source: shop.db, hooks: { ${hooks} } } }\n`,
  );
  const app = await testApp({
    cwd,
    env: { TMPDIR: cwd, PATH: process.env['PATH'], OUT: out, SMTP_URL: 'smtp://u:pass-word-1@h' },
    log: (severity, message, logged) => void lines.push({ severity, message, ...logged }),
    ...options,
  });
  sql(app.at('shop.db'), SMALL);
  return {
    app,
    output: () => (existsSync(out) ? readFileSync(out, 'utf8').trim().split('\n') : []),
    hookLines: () => lines.filter(({ event }) => event === 'hook'),
  };
}

const backUp = (app: App, more = {}) => app.backup('shop', { ...BACKUP, ...more });
const echo = (text: string) => `{ shell: 'echo "${text}" >> "$OUT"' }`;

describe('hooks of a database', () => {
  test('run before and after the backup, and know what it is and what became of it', async () => {
    const { app, output } = await shopWith(
      `before: ${echo('$LIFEBOAT_HOOK $LIFEBOAT_DATABASE $LIFEBOAT_BACKUP ($LIFEBOAT_OUTCOME)')}, after: ${echo('$LIFEBOAT_HOOK $LIFEBOAT_DATABASE $LIFEBOAT_BACKUP ($LIFEBOAT_OUTCOME)')}`,
    );
    const { id, hooks } = await backUp(app);
    expect(output()).toEqual([`before shop ${id} ()`, `after shop ${id} (ok)`]);
    expect(hooks).toMatchObject([
      { hook: 'before', ok: true },
      { hook: 'after', ok: true },
    ]);
  });

  test('get no secret of Lifeboat, and none of what they print is logged with one', async () => {
    const { app, output, hookLines } = await shopWith(
      `before: { shell: 'echo "[$SMTP_URL]" >> "$OUT"; echo "using pass-word-1"' }`,
    );
    await backUp(app);
    expect(output()).toEqual(['[]']);
    expect(hookLines()).toMatchObject([
      { severity: 'INFO', database: 'shop', hook: 'before', ok: true, output: 'using ***' },
    ]);
  });

  test('a failed `before` makes no backup, is the error of the run, and is followed by `after`', async () => {
    const { app, output, hookLines } = await shopWith(
      `before: { shell: 'echo "no such volume" >&2; exit 4' }, after: ${echo('$LIFEBOAT_OUTCOME')}`,
    );
    await expect(backUp(app)).rejects.toMatchObject({
      code: 'hook_failed',
      exit: 3,
      message: 'the hook before the backup of shop ended with status 4: no such volume',
      hint: 'Run it by hand and fix it; it is `databases.shop.hooks.before` in lifeboat.yaml. Then run `lifeboat backup shop` again.',
    });
    expect(await app.list('shop').catch((error: unknown) => error)).toEqual([]);
    expect(output()).toEqual(['failed']);
    expect(hookLines().map(({ severity }) => severity)).toEqual(['ERROR', 'INFO']);
    const { lastFailure } = await app.statusOf('shop');
    expect(lastFailure).toMatchObject({ code: 'hook_failed', step: 'before' });
  });

  test('`after` hears of a backup that failed', async () => {
    const { app, output } = await shopWith(`after: ${echo('$LIFEBOAT_OUTCOME')}`);
    writeFileSync(app.at('shop.db'), 'x'.repeat(5000));
    await expect(backUp(app)).rejects.toMatchObject({ code: 'source_invalid' });
    expect(output()).toEqual(['failed']);
  });

  test('a failed `after` leaves the backup, sends a notification, and its success resolves it', async () => {
    const kinds: string[] = [];
    const notify = async ({ kind }: Notification) => {
      kinds.push(kind);
      return [{ channel: 'fake', ok: true, durationMs: 1 }] as const;
    };
    const { app, hookLines } = await shopWith(`after: { shell: 'test -e "$OUT"' }`, {
      overrides: { notifier: { channels: ['fake'], notify } },
    });
    const { id, verdict, hooks } = await backUp(app);
    expect(verdict).toBe('ok');
    expect(hooks).toMatchObject([{ hook: 'after', ok: false, error: { code: 'hook_failed' } }]);
    expect((await app.list('shop')).map((each) => each.id)).toEqual([id]);
    expect(hookLines()).toMatchObject([{ severity: 'WARNING', code: 'hook_failed' }]);
    writeFileSync(app.at('out'), '');
    await backUp(app);
    expect(kinds).toEqual(['hook-failing', 'recovered']);
  });

  test('a program that does not exist is named as such', async () => {
    const { app } = await shopWith('before: { run: [/nowhere/pause] }');
    await expect(backUp(app)).rejects.toMatchObject({
      message: 'the hook before the backup of shop cannot be started: ENOENT',
      hint: expect.stringContaining('databases.shop.hooks.before.run') as string,
    });
  });

  test('an interruption ends `before`, and `after` still runs', async () => {
    const stop = new AbortController();
    const { app, output } = await shopWith(
      `before: { shell: 'echo stopped >> "$OUT"; exec sleep 600' }, after: ${echo('$LIFEBOAT_OUTCOME')}`,
    );
    const running = backUp(app, { signal: stop.signal });
    running.catch(() => undefined);
    await expect.poll(output, { timeout: 60_000 }).toEqual(['stopped']);
    stop.abort();
    await expect(running).rejects.toMatchObject({ code: 'interrupted' });
    expect(output()).toEqual(['stopped', 'failed']);
  });

  test('a program that `after` leaves running is not waited for', async () => {
    const { app, output } = await shopWith(
      `after: { shell: 'sleep 600 & echo $! >> "$OUT"', timeout: 60s }`,
    );
    await backUp(app);
    const [pid] = output();
    // It still runs: neither the end of the hook nor that of the backup ends it.
    expect(process.kill(Number(pid), 'SIGKILL')).toBe(true);
  });
});

test('cloud functions refuse hooks, because there are no such programs', () => {
  const yaml = `store: gs://acme-backups\ndatabases: { shop: { source: gs://acme-data/b.db, hooks: { before: { run: [/bin/true] } } } }\n`;
  expect(() => parseConfig(yaml, '/', { inCloud: true })).toThrow(
    /databases\.shop\.hooks.*work on a host only/,
  );
  expect(parseConfig(yaml, '/').databases['shop']?.hooks?.before).toEqual({
    run: ['/bin/true'],
    timeoutMs: 60_000,
  });
});
