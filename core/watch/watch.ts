import { mapConcurrent, timeout } from '../lib/async.ts';
import type { Config, DatabaseConfig } from '../config/load.ts';
import { LifeboatError } from '../lib/errors.ts';
import type { WatchVerdict } from './verdicts.ts';
import { announce, announceStore } from '../alerts/announce.ts';
import type { Context } from '../context.ts';
import { ping } from './ping.ts';
import { backupId } from '../runs/request.ts';
import { observationsOf } from './observations.ts';
import { watchDatabase, type Watched } from './database.ts';
import { cannotSee, watchStore } from './deployment.ts';
import { watchUnconfigured } from './unconfigured.ts';

const READERS = 8;
const LONGEST_MS = 540_000;
/** What is kept back for telling. */
const TELLING_MS = 60_000;

export type WatchOptions = { readonly deadlineMs?: number; readonly signal?: AbortSignal };

/**
 * Looks whether anything is missing, late, unfinished, paused or drifting; logs it, tells it, and pings only when all is well. Overwrites what was told
 * under `state/`, and writes nothing else. What cannot be looked at is an alarm, so it throws only when it was interrupted.
 */
export async function watch(
  context: Context,
  config: Config,
  { deadlineMs = LONGEST_MS, signal }: WatchOptions,
): Promise<{ verdicts: WatchVerdict[] }> {
  const { now, log } = context;
  const began = now();
  const run = `${backupId(began, 'watch')}-${context.random(4).toString('hex')}`;
  const patience = Math.max(1000, deadlineMs - TELLING_MS);
  const databases = Object.values(config.databases);
  const one = async (database: DatabaseConfig): Promise<Watched & { database: DatabaseConfig }> => {
    signal?.throwIfAborted();
    try {
      return { database, ...(await answerOf(watchDatabase(context, config, database), patience)) };
    } catch (error) {
      return { database, verdicts: [cannotSee('store', error, database.name)], lost: [] };
    }
  };
  const ofStore = (work: Promise<WatchVerdict[]>) =>
    answerOf(work, patience).catch((error: unknown) => [cannotSee('store', error)]);
  const [store, unconfigured, watched] = await Promise.all([
    ofStore(watchStore(context, config)),
    ofStore(watchUnconfigured(context, config)),
    mapConcurrent(databases, READERS, one),
  ]);
  signal?.throwIfAborted();
  const verdicts = [...store, ...unconfigured, ...watched.flatMap((each) => each.verdicts)];
  logVerdicts(context, run, verdicts);

  const at = now();
  const { deployment, byDatabase } = observationsOf(verdicts, { run, at });
  await announceStore(context, config.timeZone, deployment, run);
  await mapConcurrent(watched, READERS, ({ database: { name, timeZone }, lost }) =>
    announce(context, { database: name, timeZone }, byDatabase(name, lost), { runId: run }),
  );

  const alarms = verdicts.filter(isAlarm).length;
  const durationMs = now().getTime() - began.getTime();
  log(
    alarms > 0 ? 'WARNING' : 'INFO',
    `watch done in ${(durationMs / 1000).toFixed(1)} s: ${alarms} alarms for ${databases.length} databases`,
    {
      event: 'run',
      operation: 'watch',
      run,
      reason: 'schedule',
      ok: alarms === 0,
      startedAt: began.toISOString(),
      durationMs,
      databases: databases.length,
      verdicts: verdicts.length,
      alarms,
      ...(alarms > 0 ? { code: 'stale' } : {}),
    },
  );
  if (alarms === 0 && config.watch.ping !== undefined) await ping(config.watch.ping, { log });
  return { verdicts };
}

/** The error to end with when there is an alarm. */
export function watchError(verdicts: readonly WatchVerdict[]): LifeboatError | undefined {
  const alarms = verdicts.filter(isAlarm);
  const [first] = alarms;
  if (!first) return undefined;
  const more = alarms.length === 1 ? '' : `, and ${alarms.length - 1} more`;
  return new LifeboatError(
    'stale',
    `${first.database === null ? '' : `${first.database}: `}${first.detail}${more}`,
    first.hint,
  );
}

async function answerOf<T>(work: Promise<T>, ms: number): Promise<T> {
  return timeout(() => work, {
    ms,
    error: () =>
      new LifeboatError(
        'deadline',
        `there was no answer within ${Math.round(ms / 1000)} s`,
        'See whether the store is up; the next watch asks again.',
      ),
  });
}

function logVerdicts({ log }: Context, run: string, verdicts: readonly WatchVerdict[]): void {
  for (const { database, check, result, about, detail, hint } of verdicts) {
    if (result === 'ok') continue;
    const text = database === null ? detail : `${database}: ${detail}`;
    const fields = {
      event: 'watch' as const,
      ...(database === null ? {} : { database }),
      check,
      ...(about === '' ? {} : { about }),
      hint,
      run,
    };
    log(result === 'alarm' ? 'ERROR' : 'WARNING', text, fields);
  }
}

function isAlarm({ result }: WatchVerdict): boolean {
  return result === 'alarm';
}
