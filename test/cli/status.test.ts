import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startScheduler } from '../fakes/scheduler-server.ts';
import { BARE } from '../support/environment.ts';
import { folder } from '../support/files.ts';

const main = join(import.meta.dirname, '..', '..', 'cli', 'main.ts');

describe('lifeboat status', () => {
  test.each(['answers', 'does not answer'])(
    'ends by itself when Cloud Scheduler %s',
    async (what) => {
      const cwd = folder();
      writeFileSync(
        join(cwd, 'lifeboat.yaml'),
        'databases: { shop: { source: shop.db, schedule: "0 3 * * *" } }\n',
      );
      const server = await startScheduler('projects/acme/locations/eu', {
        'lifeboat-backup-shop': { schedule: '0 3 * * *', scheduleTime: { seconds: 1_800_000_000 } },
      });
      server.silent = what !== 'answers';
      const env = {
        ...BARE,
        TMPDIR: cwd,
        GOOGLE_CLOUD_PROJECT: 'acme',
        LIFEBOAT_SCHEDULER_LOCATION: 'eu',
        LIFEBOAT_SCHEDULER_ENDPOINT: server.endpoint,
      };
      const child = spawn(process.execPath, [main, 'status', '--json'], {
        cwd,
        env,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      let out = '';
      child.stdout.on('data', (part: Buffer) => (out += part.toString()));
      expect((await once(child, 'close'))[0]).toBe(0);
      const next =
        what === 'answers'
          ? { nextBackup: new Date(1_800_000_000_000).toISOString(), nextFrom: 'cloud-scheduler' }
          : { nextFrom: 'configuration' };
      expect(JSON.parse(out)).toMatchObject({
        ok: true,
        databases: [{ name: 'shop', condition: 'missing', ...next }],
      });
    },
  );
});
