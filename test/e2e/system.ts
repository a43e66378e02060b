import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PubSub } from '@google-cloud/pubsub';
import { openApp } from '../../core/app/open.ts';
import { POLICIES } from '../fakes/gcs-server/permissions.ts';
import { startGcsServer } from '../fakes/gcs-server/server.ts';
import { sql, SMALL } from '../support/databases.ts';
import { BARE } from '../support/environment.ts';
import { folder } from '../support/files.ts';
import { goodSettings } from '../support/bucket-settings.ts';

const PROJECT = 'lifeboat-e2e';
const BUCKET = 'acme-backups';
export type Entry = {
  severity: string;
  message: string;
  event?: string;
  code?: string;
  ok?: boolean;
  database?: string;
};

/**
 * Everything but Google itself: the emulator pushes to the functions, which write to the fake bucket with the permissions of their identity.
 * `names` are databases in a second bucket, pulled as gs:// sources like in production, unless they are files.
 */
export const startSystem = async (emulator: string, names: readonly string[]) => {
  const cwd = folder();
  mkdirSync(join(cwd, 'sources'));
  for (const name of names) sql(join(cwd, 'sources', `${name}.db`), SMALL);
  const bucket = await startGcsServer({
    buckets: { [BUCKET]: goodSettings() },
    policies: POLICIES(),
  });
  const databases = names.map((name) => `  ${name}: { source: sources/${name}.db }`).join('\n');
  writeFileSync(join(cwd, 'lifeboat.yaml'), `store: gs://${BUCKET}\ndatabases:\n${databases}\n`);
  const common = {
    LIFEBOAT_CONFIG: join(cwd, 'lifeboat.yaml'),
    METADATA_SERVER_DETECTION: 'none',
    TMPDIR: cwd,
  };
  const topic = `projects/${PROJECT}/topics/lifeboat-backup`;
  const env = {
    ...common,
    ...BARE,
    NODE_ENV: 'production',
    LIFEBOAT_GCS_ENDPOINT: bucket.as('backup'),
    LIFEBOAT_BACKUP_TOPIC: topic,
    GOOGLE_CLOUD_PROJECT: PROJECT,
    PUBSUB_EMULATOR_HOST: emulator,
  };
  const child = fork(join(import.meta.dirname, '../../functions/serve.ts'), ['0'], {
    env,
    cwd,
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const log: Entry[] = [];
  const other: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    if (stream)
      createInterface({ input: stream }).on('line', (line) => {
        try {
          log.push(JSON.parse(line) as Entry);
        } catch {
          other.push(line);
        }
      });
  const [{ listening }] = (await once(child, 'message')) as [{ listening: { port: number } }];
  const functions = `http://127.0.0.1:${listening.port}`;

  const pubsub = new PubSub({ projectId: PROJECT, apiEndpoint: emulator, emulatorMode: true });
  const stamp = process.hrtime.bigint().toString(36);
  const [dead] = await pubsub.createTopic(`dead-${stamp}`);
  const [letters] = await dead.createSubscription(`letters-${stamp}`);
  const [main] = await pubsub.topic(topic).get({ autoCreate: true });
  const subscribe = async ({ ackDeadlineSeconds = 600 } = {}) => {
    const [subscription] = await main.createSubscription(`push-${stamp}`, {
      pushConfig: { pushEndpoint: `${functions}/projects/${PROJECT}/topics/lifeboat-backup` },
      ackDeadlineSeconds,
      retryPolicy: { minimumBackoff: { seconds: 1 }, maximumBackoff: { seconds: 2 } },
      deadLetterPolicy: { deadLetterTopic: dead.name, maxDeliveryAttempts: 5 },
    });
    return subscription;
  };
  /** An identity that may read everything. */
  const app = await openApp({ cwd, env: { ...common, LIFEBOAT_GCS_ENDPOINT: bucket.url } });
  return {
    cwd,
    app,
    bucket,
    log,
    other,
    letters,
    subscribe,
    exit: () => child.exitCode,
    publish: (data: object) => main.publishMessage({ json: data }),
    stop: async (): Promise<void> => {
      await Promise.all([
        pubsub
          .subscription(`push-${stamp}`)
          .delete()
          .catch(() => undefined),
        letters.close(),
      ]);
      await pubsub.close();
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
      await bucket.close();
    },
  };
};
