import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { App } from '../../core/app/app.ts';
import type { Notification } from '../../core/notify/notification.ts';
import { hookedBackup } from '../../core/notify/message/hook.ts';
import { createHooks } from '../../core/backup/hooks.ts';
import { parseConfig } from '../../core/config/load.ts';
import type { Command } from '../../core/lib/processes/command.ts';
import type { Run } from '../../core/runs/run.ts';
import { createSteps } from '../../core/runs/steps.ts';
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

type HookCommand = Command & { timeoutMs: number };
const MOMENT = { run: 'a-run', at: new Date(0) };

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
      hint: 'Run `databases.shop.hooks.before` of lifeboat.yaml by hand, and fix it. Then run `lifeboat backup shop` again.',
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
    expect(hookedBackup({ hint: hooks?.[0]?.error?.hint ?? '' })).toBe('made');
    expect((await app.list('shop')).map((each) => each.id)).toEqual([id]);
    expect(hookLines()).toMatchObject([{ severity: 'WARNING', code: 'hook_failed' }]);
    writeFileSync(app.at('out'), '');
    await backUp(app);
    expect(kinds).toEqual(['hook-failing', 'recovered']);
  });

  test('without the failing `after` in the configuration, the problem is resolved', async () => {
    const kinds: string[] = [];
    const notify = async ({ kind }: Notification) => {
      kinds.push(kind);
      return [{ channel: 'fake', ok: true, durationMs: 1 }] as const;
    };
    const overrides = { notifier: { channels: ['fake'], notify } };
    const { app } = await shopWith('after: { run: [/bin/false] }', { overrides });
    await backUp(app);
    writeFileSync(app.at('lifeboat.yaml'), 'databases: { shop: { source: shop.db } }\n');
    await backUp(await testApp({ cwd: app.cwd, overrides }));
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
    const { app, output, hookLines } = await shopWith(
      `before: { shell: 'echo stopped >> "$OUT"; exec sleep 600' }, after: ${echo('$LIFEBOAT_OUTCOME')}`,
    );
    const running = backUp(app, { signal: stop.signal });
    running.catch(() => undefined);
    await expect.poll(output, { timeout: 60_000 }).toEqual(['stopped']);
    stop.abort();
    await expect(running).rejects.toMatchObject({ code: 'interrupted' });
    expect(output()).toEqual(['stopped', 'failed']);
    expect(hookLines()).toMatchObject([
      {
        severity: 'WARNING',
        code: 'interrupted',
        message: 'the hook before the backup of shop was ended because the backup was interrupted',
      },
      { severity: 'INFO', hook: 'after' },
    ]);
  });

  test('an `after` that is running when the run is interrupted has time to end', async () => {
    const stop = new AbortController();
    const { app, output } = await shopWith(
      `after: { shell: 'echo begun >> "$OUT"; while [ ! -e "$OUT.go" ]; do sleep 0.01; done; echo started again >> "$OUT"' }`,
    );
    const running = backUp(app, { signal: stop.signal });
    await expect.poll(output, { timeout: 60_000 }).toEqual(['begun']);
    stop.abort();
    writeFileSync(app.at('out.go'), '');
    expect(await running).toMatchObject({ hooks: [{ hook: 'after', ok: true }] });
    expect(output()).toEqual(['begun', 'started again']);
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

describe('a hook `after` of a backup that failed', () => {
  /** Runs it around work that fails outside a step. */
  function around(after: HookCommand, signal: AbortSignal) {
    const lines: unknown[] = [];
    const [database] = Object.values(
      parseConfig('databases: { shop: { source: shop.db } }', '/').databases,
    );
    if (!database) throw new Error('there is no database');
    const hooks = createHooks({ ...database, hooks: { after } });
    const steps = createSteps(() => 0);
    const log = (severity: string, message: string): void => void lines.push([severity, message]);
    const context = { commandEnv: { PATH: process.env['PATH'] }, log };
    const run = { name: 'a-run', context, signal, steps } as unknown as Run;
    const running = hooks.around(run, 'an-id', () => Promise.reject(new Error('the work failed')));
    return { running, steps, lines, observations: () => hooks.observations(MOMENT) };
  }

  test('that fails is not the step at which the run failed', async () => {
    const after = { run: ['/bin/false'], timeoutMs: 60_000 };
    const { running, steps, observations } = around(after, new AbortController().signal);
    await expect(running).rejects.toThrow('the work failed');
    expect(steps.failed()).toBeUndefined();
    expect(observations()).toMatchObject([
      {
        kind: 'hook-failing',
        note: { hint: expect.stringMatching(/It ran after a backup that failed\.$/) as string },
      },
    ]);
    const [observation] = observations();
    const hint = observation && 'note' in observation ? String(observation.note?.['hint']) : '';
    expect(hookedBackup({ hint })).toBe('failed');
  });

  test('that takes more than 5 s after an interruption is ended, and is no failure', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const after = { run: ['/bin/sleep', '600'], timeoutMs: 60_000 };
    const { running, lines, observations } = around(after, AbortSignal.abort());
    running.catch(() => undefined);
    while (vi.getTimerCount() < 2) await new Promise(setImmediate);
    vi.advanceTimersByTime(5000);
    await expect(running).rejects.toThrow('the work failed');
    expect(lines).toEqual([
      ['WARNING', 'the hook after the backup of shop was ended because the backup was interrupted'],
    ]);
    expect(observations()).toEqual([]);
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
