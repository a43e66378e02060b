import { spawn } from 'node:child_process';
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

/** A command over a bucket that stands still at this kind of call, and when it does. */
const standing = async (kind: string, args: readonly string[]) => {
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
  const { promise: still, resolve } = Promise.withResolvers<void>();
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
  await still;
  // What holds the file open is made by then, too.
  await sleep(300);
  return { child, ended };
};
const FILES = ['lifeboat.yaml', 'notes.db'];

// A call to a bucket gives up after two minutes, and whoever waits for it fails by the limit of the test.
describe('a command over a bucket that stands still', () => {
  test.each(['restore', 'query'])(
    '%s ends with the signal, and leaves nothing',
    { timeout: 60_000 },
    async (command) => {
      const { child, ended } = await standing('download', [
        command,
        'notes',
        ...(command === 'query' ? ['select 1'] : ['--to', 'back.db']),
      ]);
      // npm hands on what the terminal has sent to both already.
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

  test('ends with a second signal where the first is not heard', { timeout: 60_000 }, async () => {
    const { child, ended } = await standing('list', ['list']);
    child.kill('SIGINT');
    await sleep(1500);
    expect(child.exitCode).toBe(null);
    child.kill('SIGINT');
    expect(await ended).toEqual({ status: 130, out: '', files: FILES });
  });
});
