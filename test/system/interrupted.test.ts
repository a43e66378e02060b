import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { BACKUP, testApp } from '../support/app.ts';
import { sql, SMALL } from '../support/databases.ts';
import { BARE } from '../support/environment.ts';
import { folder } from '../support/files.ts';
import { BUCKET, gcsServer, gcsStore } from '../support/gcs.ts';

const main = join(import.meta.dirname, '..', '..', 'cli', 'main.ts');

/** A command over a bucket that stalls at this kind of call; resolves when it has stalled. */
const stalled = async (kind: string, args: readonly string[]) => {
  const cwd = folder();
  writeFileSync(
    join(cwd, 'lifeboat.yaml'),
    `store: gs://${BUCKET}\ndatabases: { notes: { source: notes.db } }\n`,
  );
  sql(join(cwd, 'notes.db'), SMALL);
  const server = await gcsServer();
  await (
    await testApp({ cwd, overrides: { store: gcsStore(server.url) } })
  ).backup('notes', BACKUP);
  const { promise: isStalled, resolve } = Promise.withResolvers<void>();
  server.faults = (call) => (call.kind === kind ? (resolve(), { type: 'stall' }) : undefined);
  const child = spawn(process.execPath, [main, ...args, '--json'], {
    cwd,
    env: {
      ...BARE,
      TMPDIR: cwd,
      LIFEBOAT_GCS_ENDPOINT: server.url,
      METADATA_SERVER_DETECTION: 'none',
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  const ended = once(child, 'close').then(([status]) => ({
    status: status as number | null,
    out,
    files: readdirSync(cwd).sort(),
  }));
  await isStalled;
  // By then the command has opened its files, too.
  await sleep(300);
  return { child, ended };
};
const FILES = ['lifeboat.yaml', 'notes.db'];

test.each(['SIGINT', 'SIGTERM'])('%s while the commands are loaded prints the document', (name) => {
  const cwd = folder();
  sql(join(cwd, 'notes.db'), SMALL);
  // Sends the signal when Node loads the first file after the signal handlers.
  const hook = `import { registerHooks } from 'node:module';
    registerHooks({ load(url, context, next) {
      if (url.endsWith('/cli/start.ts')) process.kill(process.pid, '${name}');
      return next(url, context);
    } });`;
  const { status, signal, stdout } = spawnSync(
    process.execPath,
    [
      '--import',
      `data:text/javascript,${encodeURIComponent(hook)}`,
      main,
      'backup',
      'notes.db',
      '--json',
    ],
    { cwd, encoding: 'utf8', env: { ...BARE, TMPDIR: cwd } },
  );
  expect([status, signal, JSON.parse(stdout)]).toMatchObject([
    130,
    null,
    { ok: false, error: { code: 'interrupted' } },
  ]);
  expect(readdirSync(cwd)).toEqual(['notes.db']);
});

// A call to a bucket times out after two minutes, which is longer than these tests may take.
describe('a command over a stalled bucket', () => {
  test.each(['restore', 'query'])(
    '%s ends with the signal and leaves nothing behind',
    { timeout: 60_000 },
    async (command) => {
      const { child, ended } = await stalled('download', [
        command,
        'notes',
        ...(command === 'query' ? ['select 1'] : ['--to', 'back.db']),
      ]);
      // npm passes on the signal that the terminal has already sent to both.
      child.kill('SIGINT');
      child.kill('SIGINT');
      const { status, out, files } = await ended;
      expect([status, JSON.parse(out)]).toMatchObject([
        130,
        { ok: false, error: { code: 'interrupted' } },
      ]);
      expect(files).toEqual(FILES);
    },
  );

  test('ends with a second signal when the first has no effect', { timeout: 60_000 }, async () => {
    const { child, ended } = await stalled('list', ['list']);
    child.kill('SIGINT');
    await sleep(1500);
    expect(child.exitCode).toBe(null);
    child.kill('SIGINT');
    expect(await ended).toEqual({ status: 130, out: '', files: FILES });
  });
});
