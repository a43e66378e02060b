import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startScheduler } from '../fakes/scheduler-server.ts';
import { sql, SMALL } from '../support/databases.ts';
import { BARE } from '../support/environment.ts';
import { folder } from '../support/files.ts';

const main = join(import.meta.dirname, '..', '..', 'cli', 'main.ts');
const interrupt = join(import.meta.dirname, '..', '..', 'cli', 'interrupt.ts');

/** Runs a command over one database with a schedule, in a process of its own. */
async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const cwd = folder();
  sql(join(cwd, 'shop.db'), SMALL);
  writeFileSync(
    join(cwd, 'lifeboat.yaml'),
    'databases: { shop: { source: shop.db, schedule: "0 3 * * *" } }\n',
  );
  const child = spawn(process.execPath, [main, ...args], {
    cwd,
    env: { ...BARE, TMPDIR: cwd, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let out = '';
  child.stdout.on('data', (part: Buffer) => (out += part.toString()));
  const [status] = (await once(child, 'close')) as [number];
  return { status, out };
}

const deployment = (endpoint: string) => ({
  GOOGLE_CLOUD_PROJECT: 'acme',
  LIFEBOAT_SCHEDULER_LOCATION: 'eu',
  LIFEBOAT_SCHEDULER_ENDPOINT: endpoint,
});

// A connection that stays open would keep the process running.
describe('the process exits by itself', () => {
  test.each([
    [
      'answers',
      { nextBackup: new Date(1_800_000_000_000).toISOString(), nextFrom: 'cloud-scheduler' },
    ],
    ['does not answer', { nextFrom: 'configuration' }],
  ])('after `status` when Cloud Scheduler %s', async (what, next) => {
    const server = await startScheduler('projects/acme/locations/eu', {
      'lifeboat-backup-shop': { schedule: '0 3 * * *', scheduleTime: { seconds: 1_800_000_000 } },
    });
    server.silent = what !== 'answers';
    const { status, out } = await run(['status', '--json'], deployment(server.endpoint));
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      ok: true,
      databases: [{ name: 'shop', condition: 'missing', ...next }],
    });
  });

  test('with 13 when the command never settles', async () => {
    const script = `import { interruptSignal } from ${JSON.stringify(interrupt)}; interruptSignal();
      void new Promise(() => undefined).then(() => (process.exitCode = 0));`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
    const [status] = (await once(child, 'close')) as [number];
    expect(status).toBe(13);
  });

  test('after `watch` has read the schedules of a deployment', async () => {
    const server = await startScheduler('projects/acme/locations/eu', {});
    const { status, out } = await run(['watch', '--json'], deployment(server.endpoint));
    expect(status).toBe(9);
    expect(out).toContain('there is no Cloud Scheduler job lifeboat-backup-shop');
  });
});
