import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { doctor } from '../../core/setup/doctor/doctor.ts';
import { startScheduler } from '../fakes/scheduler-server.ts';
import { runCli } from '../support/cli.ts';
import { sql, SMALL } from '../support/databases.ts';
import { folder } from '../support/files.ts';

const NEVER = new AbortController().signal;

test('`status` prints the next backup that Cloud Scheduler has planned', async () => {
  const cwd = folder();
  writeFileSync(
    join(cwd, 'lifeboat.yaml'),
    'databases: { shop: { source: shop.db, schedule: "0 3 * * *" } }\n',
  );
  const server = await startScheduler('projects/acme/locations/eu', {
    'lifeboat-backup-shop': { schedule: '0 3 * * *', scheduleTime: { seconds: 1_800_000_000 } },
  });
  const { status, stdout } = await runCli(cwd, ['status', '--json'], {
    GOOGLE_CLOUD_PROJECT: 'acme',
    LIFEBOAT_SCHEDULER_LOCATION: 'eu',
    LIFEBOAT_SCHEDULER_ENDPOINT: server.endpoint,
  });
  expect([status, JSON.parse(stdout)]).toMatchObject([
    0,
    {
      databases: [
        {
          name: 'shop',
          nextBackup: new Date(1_800_000_000_000).toISOString(),
          nextFrom: 'cloud-scheduler',
        },
      ],
    },
  ]);
});

test('`status` and `doctor` say that no schedule has ever started a run, until one did', async () => {
  const cwd = folder();
  sql(join(cwd, 'shop.db'), SMALL);
  writeFileSync(
    join(cwd, 'lifeboat.yaml'),
    'databases: { shop: { source: shop.db, schedule: "0 3 * * *" } }\n',
  );
  const outputs = async (): Promise<string[]> => {
    const [overview, shop] = [await runCli(cwd, ['status']), await runCli(cwd, ['status', 'shop'])];
    const { findings } = await doctor({ cwd, env: { TMPDIR: cwd }, signal: NEVER });
    return [overview.stdout, shop.stdout, findings.map(({ detail }) => detail).join('\n')];
  };
  await runCli(cwd, ['backup', 'shop']);
  for (const output of await outputs()) expect(output).toMatch(/ever been started by a schedule/);
  await runCli(cwd, ['backup', 'shop', '--reason', 'schedule']);
  for (const output of await outputs()) expect(output).not.toMatch(/ever been started/);
});
