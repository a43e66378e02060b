import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startScheduler } from '../fakes/scheduler-server.ts';
import { runCli } from '../support/cli.ts';
import { folder } from '../support/files.ts';

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
