/**
 * The watch checks, every hour, whether any backup is missing, late or unfinished and any setting
 * has changed. Each file reads and judges one subject:
 *   database      newest backup, lost runs, inspection, salvage copies, last restore test
 *   catalog       holds, and the objects of the newest backup      copies    the further stores
 *   key           whether planted backups can be recognized
 *   place         whether backups fit where the deployment runs them
 *   deployment    configuration, free space; with schedules (Cloud Scheduler) and bucket (settings)
 *   unconfigured  databases that are no longer in lifeboat.yaml
 * Problems become alerts (observations), a clean check becomes a ping. The watch repairs nothing
 * and writes only below `state/`. It imports nothing from `backup`, `status` or `setup`.
 */
import { mapConcurrent, timeout } from '../lib/async.ts';
import type { Config, DatabaseConfig } from '../config/load.ts';
import type { Context } from '../context.ts';
import { announceStore, announceTogether } from '../alerts/announce.ts';
import type { Finding, WatchFinding } from '../documents/finding.ts';
import { LifeboatError } from '../lib/errors.ts';
import { ENGLISH, formatTook } from '../lib/text/format.ts';
import { backupId } from '../runs/request.ts';
import { saveOverviewBundle } from '../state/overview-facts.ts';
import { watchDatabase, type WatchedDatabase } from './database.ts';
import { watchDeployment } from './deployment.ts';
import { errorFinding, faultsError, counted } from './finding.ts';
import { observationsOf } from './observations.ts';
import { ping } from '../lib/ping.ts';
import { watchUnconfigured } from './unconfigured.ts';
import { MINUTE_MS } from '../lib/text/time.ts';

type Watched = WatchedDatabase & { readonly database: DatabaseConfig };

const DATABASE_READERS = 8;
const DEADLINE_MS = 540_000;
/** Reserved for sending alerts at the end. */
const ALERTS_MS = MINUTE_MS;

export type WatchOptions = {
  readonly deadlineMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Checks everything, logs and announces the problems, and pings when there is none. A check that
 * fails is a problem, so this throws only `interrupted`.
 */
export async function watch(
  context: Context,
  config: Config,
  { deadlineMs = DEADLINE_MS, signal }: WatchOptions,
): Promise<{ findings: WatchFinding[] }> {
  const { now, log } = context;
  const began = now();
  const run = `${backupId(began, 'watch')}-${context.random(4).toString('hex')}`;
  const limitMs = Math.max(1000, deadlineMs - ALERTS_MS);
  const databases = Object.values(config.databases);
  const [deployment, unconfigured, watched] = await Promise.all([
    inTime(watchDeployment(context, config), limitMs).catch(storeFindings),
    inTime(watchUnconfigured(context, config), limitMs).catch(storeFindings),
    mapConcurrent(databases, DATABASE_READERS, async (database): Promise<Watched> => {
      signal?.throwIfAborted();
      const { name } = database;
      const work = inTime(watchDatabase(context, config, database), limitMs);
      const result = await work.catch((error: unknown) => ({
        findings: storeFindings(error).map((each) => ({ ...each, database: name })),
        lost: [],
      }));
      return { database, ...result };
    }),
  ]);
  signal?.throwIfAborted();
  const findings = [...deployment, ...unconfigured, ...watched.flatMap((each) => each.findings)];
  logFindings(context, run, findings);

  const at = now();
  const observations = observationsOf(findings, { run, at });
  await announceStore(context, config.timeZone, observations.deployment, run);
  const byDatabase = watched.map(({ database: { name, timeZone, source, schedule }, lost }) => ({
    target: { database: name, timeZone, source, schedule },
    observations: observations.byDatabase(name, lost),
  }));
  await announceTogether(context, byDatabase, { runId: run });

  const alarms = findings.filter(({ level }) => level === 'fault').length;
  logEnd(context, { run, began, databases: databases.length, verdicts: findings.length, alarms });
  if (alarms === 0 && config.watch.ping !== undefined) await ping(config.watch.ping, { log });
  // Last: nothing depends on it, and the alerts have changed what it is made of.
  const elapsedMs = now().getTime() - began.getTime();
  await saveOverviewBundle(context, Math.max(1000, deadlineMs - elapsedMs));
  return { findings };
}

/** The error of a watch that found problems. */
export function watchError(findings: readonly Finding[]): LifeboatError | undefined {
  return faultsError(findings, ({ database = '' }) => database, 'stale');
}

function logEnd(
  { log, now }: Context,
  {
    began,
    ...end
  }: { run: string; began: Date; databases: number; verdicts: number; alarms: number },
): void {
  const { alarms, databases } = end;
  const durationMs = now().getTime() - began.getTime();
  log(
    alarms > 0 ? 'WARNING' : 'INFO',
    `watch done in ${formatTook(ENGLISH, durationMs)}: ${counted(alarms, 'alarm')} for ${counted(databases, 'database')}`,
    {
      event: 'run',
      operation: 'watch',
      reason: 'schedule',
      ok: alarms === 0,
      startedAt: began.toISOString(),
      durationMs,
      ...end,
      ...(alarms > 0 ? { code: 'stale' } : {}),
    },
  );
}

function storeFindings(error: unknown): WatchFinding[] {
  return [errorFinding('store', error)];
}

async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  return timeout(() => work, {
    ms,
    error: () =>
      new LifeboatError(
        'deadline',
        `no answer within ${formatTook(ENGLISH, ms)}`,
        'Check that the store is reachable. The next watch tries again.',
      ),
  });
}

function logFindings({ log }: Context, run: string, findings: readonly WatchFinding[]): void {
  for (const { database, check, level, about, detail, hint } of findings) {
    if (level === 'ok') continue;
    const text = database === undefined ? detail : `${database}: ${detail}`;
    const fields = {
      event: 'watch' as const,
      ...(database === undefined ? {} : { database }),
      check,
      ...(about === '' ? {} : { about }),
      hint,
      run,
    };
    log(level === 'fault' ? 'ERROR' : 'WARNING', text, fields);
  }
}
