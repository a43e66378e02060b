import { createHash } from 'node:crypto';
import type { Config } from '../../core/config/load.ts';
import type { DatabaseStatus } from '../../core/documents/status.ts';
import { summaryFacts } from '../../core/state/facts.ts';
import type { State } from '../../core/state/state.ts';
import { databaseStatus } from '../../core/status/database.ts';
import type { GcsServer } from '../fakes/gcs-server/server.ts';
import { createSink } from '../fakes/gcs-server/bodies.ts';
import { BUCKET } from './bucket-name.ts';
import type { BackupDocument } from '../../core/documents/backup.ts';
import type { RunRecord } from '../../core/documents/run.ts';

const DAY = 86_400_000;
const TABLES = [
  'auth_user',
  'orders',
  'order_lines',
  'products',
  'django_session',
  'django_migrations',
];

/** The summary of a database with nightly backups; `newest` is the time of the last one. */
export function nightly(database: string, newest: Date, { backups = 37, runs = 90 } = {}): State {
  const nights = (count: number): Date[] =>
    Array.from({ length: count }, (_, n) => new Date(newest.getTime() - n * DAY));
  const idOf = (at: Date): string =>
    `${stamp(at)}-${hex(`${database} ${at.getTime()}`).slice(0, 8)}`;
  const document = (at: Date): BackupDocument => ({
    id: idOf(at),
    database,
    kind: at.getUTCDay() === 0 ? 'full' : 'incremental',
    parent: at.getUTCDay() === 0 ? null : idOf(new Date(at.getTime() - DAY)),
    verdict: 'ok',
    pages: { size: 4096, count: 25_600, stored: 812 },
    size: 104_857_600,
    sha256: hex(`${database} at ${at.getTime()}`),
    storedBytes: 1_204_882,
    checks: ['header', 'integrity', 'foreign-keys', 'migrations', 'guard'].map((name) => ({
      name,
      result: 'ok',
      engine: 'sql.js',
    })),
    expires: new Date(at.getTime() + 14 * DAY).toISOString(),
    takenAt: at.toISOString(),
    held: at === newest,
    salvage: false,
    reason: 'schedule',
    fault: null,
  });
  const run = (at: Date): RunRecord => ({
    run: `${idOf(at)}-0123abcd`,
    operation: 'backup',
    reason: 'schedule',
    startedAt: at.toISOString(),
    endedAt: new Date(at.getTime() + 9000).toISOString(),
    ok: true,
    durationMs: 9000,
    steps: {
      space: 2,
      health: 35,
      snapshot: 1310,
      inspect: 5200,
      write: 2100,
      judge: 11,
      commit: 240,
      copy: 0,
    },
    backup: {
      id: idOf(at),
      kind: 'incremental',
      verdict: 'ok',
      size: 104_857_600,
      storedBytes: 1_204_882,
      pages: { count: 25_600, stored: 812 },
      expires: new Date(at.getTime() + 14 * DAY).toISOString(),
    },
  });
  return {
    lifeboat: 1,
    database,
    updatedAt: newest.toISOString(),
    backups: nights(backups).map(document),
    salvage: 0,
    rows: {
      tables: TABLES,
      counts: Object.fromEntries(
        nights(backups).map((at) => [idOf(at), TABLES.map((_, n) => 1000 * (n + 1))]),
      ),
    },
    newest: null,
    runs: nights(runs).map(run).reverse(),
    lastFailure: null,
    lastRestoreTest: {
      at: newest.toISOString(),
      ok: true,
      id: idOf(newest),
      durationMs: 4100,
      problem: null,
    },
  };
}

/** The status of a database that has this summary, on a host. */
export function hostStatus(
  name: string,
  state: State | undefined,
  config: Config,
  now: Date,
): DatabaseStatus {
  const facts = state && summaryFacts(state);
  return databaseStatus(
    { name, facts, runs: state?.runs ?? [], job: 'no-deployment' },
    config,
    now,
  );
}

/** Puts summaries into the fake bucket without a request. */
export async function putSummaries(server: GcsServer, states: readonly State[]): Promise<void> {
  for (const state of states) {
    const sink = await createSink('memory');
    await sink.append([Buffer.from(`${JSON.stringify(state)}\n`)]);
    await server
      .bucket(BUCKET)
      .insert({ name: `state/${state.database}.json` }, await sink.finish(), new URLSearchParams());
  }
}

function stamp(at: Date): string {
  return `${at.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}

function hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
