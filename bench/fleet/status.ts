import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { Context } from '../../core/context.ts';
import { openStorage } from '../../core/google/storage/client.ts';
import { createGcsStore } from '../../core/google/storage/store.ts';
import { saveOverviewBundle } from '../../core/state/overview-facts.ts';
import { POLICIES } from '../../test/fakes/gcs-server/permissions.ts';
import { startGcsServer, type GcsServer } from '../../test/fakes/gcs-server/server.ts';
import { BUCKET } from '../../test/support/bucket-name.ts';
import { nightly, putSummaries } from '../../test/support/summaries.ts';
import { startByteCounter } from './proxy.ts';

const SERVE = fileURLToPath(new URL('../../dist/functions/serve.js', import.meta.url));
const HOUR_MS = 3_600_000;
const IDLE_MS = 5000;
const REQUESTS: readonly (readonly [name: string, path: string, accept: string])[] = [
  ['the page', '/status', 'text/html'],
  ['JSON, `?limit=100`', '/status?limit=100', 'application/json'],
  ['JSON, `?limit=500&runs=0`', '/status?limit=500&runs=0', 'application/json'],
  ['metrics', '/status/metrics', '*/*'],
];

type Row = {
  readonly name: string;
  readonly status: number;
  readonly seconds: number;
  /** Of the processor, in the process of the function. */
  readonly processorSeconds: number;
  readonly calls: number;
  readonly read: number;
  readonly bytes: number;
  readonly unpackedBytes: number;
};

/**
 * Measures the responses of the function `status` for so many databases with 37 backups and 90 runs
 * each: without the bundle, with it, and after the round of an hour. Prints a table.
 */
export async function benchStatus(
  folder: string,
  databases: number,
  print: (text: string) => void,
): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const names = Array.from({ length: databases }, (_, n) => `db-${String(n + 1).padStart(5, '0')}`);
  const bucket = await startGcsServer({ buckets: { [BUCKET]: {} }, policies: POLICIES() });
  resources.defer(() => bucket.close());
  const counter = await startByteCounter(Number(new URL(bucket.url).port));
  resources.defer(counter.close);
  const put = (list: readonly string[], ageMs: number): Promise<void> =>
    putSummaries(
      bucket,
      list.map((name) => nightly(name, new Date(Date.now() - ageMs))),
    );
  await put(names, 5 * HOUR_MS);
  writeConfiguration(folder, names);
  const child = startStatus(folder, bucket.as('status').replace(/:\d+/, `:${counter.port}`));
  resources.defer(() => stopStatus(child));
  const [{ listening }] = (await once(child, 'message')) as [{ listening: { port: number } }];
  const measure = async (label: string, requests = REQUESTS): Promise<void> => {
    for (const [name, path, accept] of requests) {
      bucket.reset();
      const before = counter.bytes.received;
      const began = processorSecondsOf(child);
      const result = await load(listening.port, path, accept);
      const read = counter.bytes.received - before;
      const calls = bucket.calls.length;
      const processorSeconds = processorSecondsOf(child) - began;
      print(rowText({ name: `${label}: ${name}`, processorSeconds, calls, read, ...result }));
    }
  };
  print(`${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}\n\n${HEADER}`);
  await load(listening.port, '/status/databases/db-00001', 'application/json');
  // The function gives up after 20 s, so one response is enough.
  await measure('no bundle', REQUESTS.slice(0, 1));
  await untilIdle(bucket);
  await saveBundle(bucket);
  await measure('bundle');
  await put(names.slice(0, Math.ceil(databases / 24)), 0);
  await measure('an hour later');
  print(`\nmemory of the process at most ${peakMemory(child)}, load ${loadavg()[0]?.toFixed(1)}\n`);
}

const HEADER = `| | status | s | processor s | requests | KiB read | KiB sent | KiB uncompressed |
|---|---|---|---|---|---|---|---|
`;

function rowText(row: Row): string {
  const kib = (value: number): string => (value / 1024).toFixed(0);
  const times = [row.seconds, row.processorSeconds].map((value) => value.toFixed(2));
  const sizes = [row.read, row.bytes, row.unpackedBytes].map(kib);
  return `| ${[row.name, row.status, ...times, row.calls, ...sizes].join(' | ')} |\n`;
}

function writeConfiguration(folder: string, names: readonly string[]): void {
  mkdirSync(folder, { recursive: true });
  const databases = Object.fromEntries(
    names.map((name) => [name, { source: `gs://sources/${name}.db`, schedule: '0 3 * * *' }]),
  );
  const config = { store: `gs://${BUCKET}`, databases };
  writeFileSync(join(folder, 'lifeboat.yaml'), JSON.stringify(config));
}

function startStatus(folder: string, endpoint: string): ChildProcess {
  const { PATH } = process.env;
  return fork(SERVE, ['0'], {
    cwd: folder,
    env: {
      PATH,
      TMPDIR: folder,
      NODE_ENV: 'production',
      NODE_OPTIONS: '--max-old-space-size=512',
      LIFEBOAT_CONFIG: join(folder, 'lifeboat.yaml'),
      LIFEBOAT_GCS_ENDPOINT: endpoint,
      METADATA_SERVER_DETECTION: 'none',
    },
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

/** A response that came too late goes on reading. */
async function untilIdle(bucket: GcsServer): Promise<void> {
  for (let last = -1; last !== bucket.calls.length; await sleep(IDLE_MS))
    last = bucket.calls.length;
}

/** As the watch does it. */
async function saveBundle(bucket: GcsServer): Promise<void> {
  const clients = () => openStorage({ endpoint: bucket.as('watch') });
  const store = createGcsStore({ bucket: BUCKET, prefix: '', clients });
  const log: Context['log'] = (_, message) => {
    throw new Error(message);
  };
  const context: Pick<Context, 'store' | 'now' | 'log'> = { store, now: () => new Date(), log };
  await saveOverviewBundle(context, HOUR_MS);
}

async function load(
  port: number,
  path: string,
  accept: string,
): Promise<Pick<Row, 'status' | 'seconds' | 'bytes' | 'unpackedBytes'>> {
  const began = performance.now();
  const headers = { accept, 'accept-encoding': 'gzip' };
  const [response] = (await once(
    request({ host: '127.0.0.1', port, path, headers, agent: false }).end(),
    'response',
  )) as [IncomingMessage];
  const body = await buffer(response);
  const seconds = (performance.now() - began) / 1000;
  const isZipped = response.headers['content-encoding'] === 'gzip';
  const unpackedBytes = isZipped ? gunzipSync(body).length : body.length;
  return { status: response.statusCode ?? 0, seconds, bytes: body.length, unpackedBytes };
}

/** In ticks of 10 ms. */
function processorSecondsOf({ pid }: ChildProcess): number {
  const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const [user, system] = fields.split(' ').slice(11, 13).map(Number);
  return ((user ?? 0) + (system ?? 0)) / 100;
}

function peakMemory({ pid }: ChildProcess): string {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  return `${Math.round(Number(/^VmHWM:\s+(\d+)/m.exec(text)?.[1] ?? 0) / 1024)} MiB`;
}

async function stopStatus(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}
