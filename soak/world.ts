import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openApp } from '../core/app/open.ts';
import type { App } from '../core/app/app.ts';
import type { Manifest } from '../core/format/manifest.ts';
import { collect } from '../core/lib/bytes/bytes.ts';
import type { StoredBody } from '../test/fakes/gcs-server/bodies.ts';
import { startGcsServer, type GcsServer } from '../test/fakes/gcs-server/server.ts';
import { goodSettings } from '../test/support/bucket-settings.ts';
import { pickData } from './damage.ts';
import { DATABASES, type Database, type Fault } from './plan.ts';
import type { Random } from './random.ts';

const BUCKET = 'soak-backups';
const DAY = 86_400_000;
const MODES: Readonly<Record<Database, readonly [mode: string, pauseMs: number]>> = {
  orders: ['wal', 20],
  ledger: ['delete', 60],
  quiet: ['wal', 4000],
};

/**
 * Databases with their writers, and a store: a FAKE bucket, in which every round is a day, or a
 * folder in real time (its files have the times of the disk).
 */
export type World = {
  readonly folder: string;
  readonly config: string;
  readonly endpoint: string | undefined;
  readonly pathOf: (database: Database) => string;
  /** How far the time of this world is ahead of the machine's, ms. */
  readonly offsetMs: () => number;
  readonly nextDay: () => void;
  /** Throws when a writer has ended, because nothing that a backup does may fail an application. */
  readonly requireWriters: () => void;
  /** Faults for the store's calls until they are set to `undefined`; a folder has none. */
  readonly setFaults: (faults: { types: readonly Fault[]; perMille: number } | undefined) => void;
  /** An App in this process with the right time, for the checks. */
  readonly open: () => Promise<App>;
  /** Flips a bit of a backup's data object; its name, or `undefined` when there is none. */
  readonly damage: (random: Random) => Promise<string | undefined>;
  readonly close: () => Promise<void>;
};

export async function createWorld(
  folder: string,
  kind: 'bucket' | 'folder',
  random: Random,
): Promise<World> {
  mkdirSync(join(folder, 'tmp'), { recursive: true });
  const pathOf = (database: Database) => join(folder, `${database}.sqlite3`);
  const server = kind === 'bucket' ? await startBucket() : undefined;
  const store = server ? `gs://${BUCKET}` : join(folder, 'store');
  const config = join(folder, 'lifeboat.yaml');
  writeFileSync(config, configuration(store, pathOf));
  const writers = await Promise.all(DATABASES.map((each) => startWriter(pathOf(each), each)));
  const flippedNames = new Set<string>();
  let days = 0;
  const offsetMs = () => days * DAY;
  const setClock = () => {
    if (server) server.clock = new Date(Date.now() + offsetMs());
  };
  const clock = setInterval(setClock, 250);
  return {
    folder,
    config,
    endpoint: server?.url,
    pathOf,
    offsetMs,
    nextDay: () => {
      if (server) days += 1;
      setClock();
    },
    requireWriters: () => {
      const ended = DATABASES.filter((_, at) => hasEnded(writers[at]));
      if (ended.length > 0) throw new Error(`the writer of ${ended.join(', ')} has ended`);
    },
    setFaults: (faults) => {
      if (server) server.faults = faults && (() => toServerFault(faults, random));
    },
    open: () =>
      openApp({
        cwd: folder,
        configPath: config,
        configuredOnly: true,
        env: { TMPDIR: join(folder, 'tmp'), ...(server && { LIFEBOAT_GCS_ENDPOINT: server.url }) },
        overrides: { now: () => new Date(Date.now() + offsetMs()) },
      }),
    damage: async (chosen) => {
      const manifests = server ? await manifestsInBucket(server) : manifestsInFolder(store);
      const name = pickData(manifests, flippedNames, chosen);
      if (name === undefined) return undefined;
      flippedNames.add(name);
      if (server) flipObject(server, name);
      else flipFile(store, name);
      return name;
    },
    close: async () => {
      clearInterval(clock);
      await Promise.all(writers.map(endWriter));
      await server?.close();
    },
  };
}

function startBucket(): Promise<GcsServer> {
  return startGcsServer({ buckets: { [BUCKET]: goodSettings() } });
}

function configuration(store: string, pathOf: (database: Database) => string): string {
  const databases = DATABASES.map(
    (name) => `  ${name}:
    source: ${JSON.stringify(pathOf(name))}
    schedule: "0 3 * * *"
    full: { every: 4d }
    retention: { daily: 3, weekly: 2, monthly: 1, yearly: 1 }
`,
  );
  return `store: ${JSON.stringify(store)}\nspace: { reserve: 1% }\ndatabases:\n${databases.join('')}`;
}

async function startWriter(path: string, database: Database): Promise<ChildProcess> {
  const [mode, pauseMs] = MODES[database];
  const writer = fork(join(import.meta.dirname, 'writer.ts'), [path, mode, String(pauseMs)]);
  await Promise.race([once(writer, 'message'), once(writer, 'exit')]);
  if (hasEnded(writer)) throw new Error(`the writer of ${database} did not start`);
  return writer;
}

function hasEnded(writer: ChildProcess | undefined): boolean {
  return typeof writer?.exitCode === 'number' || typeof writer?.signalCode === 'string';
}

async function endWriter(writer: ChildProcess): Promise<void> {
  if (hasEnded(writer)) return;
  const exit = once(writer, 'exit');
  writer.kill('SIGKILL');
  await exit;
}

function toServerFault(
  { types, perMille }: { types: readonly Fault[]; perMille: number },
  random: Random,
) {
  if (types.length === 0 || !random.chance(perMille / 1000)) return undefined;
  const type = random.pick(types);
  const afterwards = type.endsWith('after the effect');
  if (type === 'cut') return { type: 'cut', after: 200 } as const;
  if (type.startsWith('reset')) return { type: 'reset', afterwards } as const;
  return { type: 'status', status: type === '429' ? 429 : 503, afterwards } as const;
}

async function manifestsInBucket(server: GcsServer): Promise<Manifest[]> {
  const manifests: Manifest[] = [];
  for (const [name, { body }] of server.bucket(BUCKET).objects)
    if (isManifest(name)) manifests.push(toManifest(await collect(body.read(0))));
  return manifests;
}

function manifestsInFolder(store: string): Manifest[] {
  return readdirSync(store, { recursive: true, encoding: 'utf8' })
    .filter(isManifest)
    .map((name) => toManifest(readFileSync(join(store, name))));
}

function isManifest(name: string): boolean {
  return /^databases\/.*\/manifest\.json$/.test(name);
}

function toManifest(bytes: Buffer): Manifest {
  return JSON.parse(bytes.toString('utf8')) as Manifest;
}

function flipObject(server: GcsServer, name: string): void {
  const { meta, body } = server.bucket(BUCKET).find(name);
  const read = (start: number) => flipped(body, start);
  server.bucket(BUCKET).objects.set(name, { meta, body: { ...body, read } });
}

async function* flipped({ size, read }: StoredBody, start: number): AsyncGenerator<Uint8Array> {
  let at = start;
  for await (const piece of read(start)) {
    const bytes = Uint8Array.from(piece);
    const middle = (size >> 1) - at;
    if (middle >= 0 && middle < bytes.length) bytes[middle] = (bytes[middle] ?? 0) ^ 1;
    at += bytes.length;
    yield bytes;
  }
}

/** As a failing disk would: same size, and the times of the file stay what they were. */
function flipFile(store: string, name: string): void {
  const path = join(store, name);
  const { atime, mtime } = statSync(path);
  const bytes = readFileSync(path);
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  utimesSync(path, atime, mtime);
}
