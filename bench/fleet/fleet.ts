import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { PubSub } from '@google-cloud/pubsub';
import { POLICIES } from '../../test/fakes/gcs-server/permissions.ts';
import { startGcsServer, type GcsServer } from '../../test/fakes/gcs-server/server.ts';
import { startBalancer, startByteCounter } from './proxy.ts';
import { createSmallDatabase } from './small-database.ts';

export type FleetOptions = {
  readonly databases: number;
  /** Processes that serve the functions, each one request at a time. */
  readonly processes: number;
  /** `functions/serve.ts`, or what was built of it. */
  readonly serve: string;
  /** An empty folder. */
  readonly folder: string;
  /** `host:port` of the Pub/Sub emulator. */
  readonly emulator: string;
  /** Gives up after so many milliseconds without a new backup. */
  readonly patienceMs: number;
};

export type FleetResult = {
  readonly databases: number;
  readonly processes: number;
  /** Seconds from the message to the end of the last run. */
  readonly wall: number;
  /** The databases that have another number of backups than one. */
  readonly wrong: readonly string[];
  /** Requests to the bucket. */
  readonly calls: number;
  /** Bytes to and from the bucket. */
  readonly sent: number;
  readonly received: number;
  /** Deliveries that were refused, and so were repeated. */
  readonly refusals: number;
};

const PROJECT = 'lifeboat-fleet';
const BUCKET = 'fleet-bucket';
const TOPIC = `projects/${PROJECT}/topics/lifeboat-backup`;
const MANIFEST = /^databases\/([^/]+)\/[^/]+\/manifest\.json$/;
const POLL_MS = 200;

/** Backs up so many small databases through one message for all of them. */
export async function runFleet(options: FleetOptions): Promise<FleetResult> {
  const { databases, processes, folder, emulator } = options;
  await using resources = new AsyncDisposableStack();
  const names = Array.from({ length: databases }, (_, n) => `db-${String(n + 1).padStart(4, '0')}`);
  writeSources(folder, names);
  const bucket = await startGcsServer({ buckets: { [BUCKET]: {} }, policies: POLICIES() });
  resources.defer(() => bucket.close());
  const counter = await startByteCounter(Number(new URL(bucket.url).port));
  resources.defer(counter.close);
  const endpoint = bucket.as('backup').replace(/:\d+/, `:${counter.port}`);
  const runs: string[] = [];
  const ports: number[] = [];
  for (let n = 0; n < processes; n += 1) {
    const child = startFunctions(options, endpoint, (database) => runs.push(database));
    resources.defer(() => end(child));
    const [{ listening }] = (await once(child, 'message')) as [{ listening: { port: number } }];
    ports.push(listening.port);
  }
  const balancer = await startBalancer(ports);
  resources.defer(balancer.close);
  const pubsub = new PubSub({ projectId: PROJECT, apiEndpoint: emulator, emulatorMode: true });
  resources.defer(() => pubsub.close());
  const [topic] = await pubsub.topic(TOPIC).get({ autoCreate: true });
  const [subscription] = await topic.createSubscription(`push-${Date.now()}`, {
    pushConfig: { pushEndpoint: `http://127.0.0.1:${balancer.port}/${TOPIC}` },
    ackDeadlineSeconds: 600,
  });
  resources.defer(() => subscription.delete().then(() => undefined));
  const began = performance.now();
  await topic.publishMessage({ json: { database: '*', reason: 'schedule' } });
  await untilDone(options, runs, bucket);
  return {
    databases,
    processes,
    wall: (performance.now() - began) / 1000,
    wrong: wrongDatabases(bucket, names),
    calls: bucket.calls.length,
    ...counter.bytes,
    refusals: balancer.refusals(),
  };
}

/** The configuration names them all. */
function writeSources(folder: string, names: readonly string[]): void {
  mkdirSync(join(folder, 'sources'), { recursive: true });
  const model = join(folder, 'model.db');
  createSmallDatabase(model);
  for (const name of names) copyFileSync(model, join(folder, 'sources', `${name}.db`));
  const databases = Object.fromEntries(
    names.map((name) => [name, { source: `sources/${name}.db` }]),
  );
  const config = { store: `gs://${BUCKET}`, databases };
  writeFileSync(join(folder, 'lifeboat.yaml'), JSON.stringify(config));
}

function startFunctions(
  { folder, serve, emulator }: FleetOptions,
  endpoint: string,
  onBackup: (database: string) => void,
): ChildProcess {
  const { PATH } = process.env;
  const child = fork(serve, ['0'], {
    cwd: folder,
    env: {
      PATH,
      TMPDIR: folder,
      NODE_ENV: 'production',
      LIFEBOAT_CONFIG: join(folder, 'lifeboat.yaml'),
      LIFEBOAT_GCS_ENDPOINT: endpoint,
      LIFEBOAT_BACKUP_TOPIC: TOPIC,
      GOOGLE_CLOUD_PROJECT: PROJECT,
      PUBSUB_EMULATOR_HOST: emulator,
      METADATA_SERVER_DETECTION: 'none',
    },
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  if (child.stdout)
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { event, operation, database } = JSON.parse(line) as Record<string, string>;
      if (event === 'run' && operation === 'backup') onBackup(database ?? '');
    });
  return child;
}

/** A run is logged before it is recorded, so the last records are waited for too. */
async function untilDone(
  { databases, patienceMs }: FleetOptions,
  runs: readonly string[],
  bucket: GcsServer,
): Promise<void> {
  const progress = (): number =>
    [...bucket.bucket(BUCKET).objects.keys()].filter((key) => /^state\/[^/]+\.json$/.test(key))
      .length + runs.length;
  let [last, since] = [0, performance.now()];
  for (;;) {
    const now = progress();
    if (now >= 2 * databases) return;
    if (now > last) [last, since] = [now, performance.now()];
    if (performance.now() - since > patienceMs)
      throw new Error(`no new backup for ${patienceMs / 1000} s; ${runs.length} runs ended`);
    await sleep(POLL_MS);
  }
}

function wrongDatabases(bucket: GcsServer, names: readonly string[]): string[] {
  const counts = new Map<string, number>(names.map((name) => [name, 0]));
  for (const key of bucket.bucket(BUCKET).objects.keys()) {
    const name = MANIFEST.exec(key)?.[1];
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].filter(([, count]) => count !== 1).map(([name]) => name);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}
