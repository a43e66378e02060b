import { collect } from '../lib/bytes.ts';
import type { LifeboatError } from '../lib/errors.ts';
import type { Store } from '../store/store.ts';
import type { RunRecord, RunFailure, RunStart } from '../documents/run.ts';
import { DAY_MS, MINUTE_MS } from '../lib/time.ts';

/** A run that may take as long as it likes is taken for dead after a day. */
const LONGEST_MS = DAY_MS;
const GRACE_MS = 10 * MINUTE_MS;

/**
 * A run writes `started` before its first effect and `ended` last; a start without an end means
 * that it crashed.
 */
export async function startRun(store: Store, database: string, started: RunStart): Promise<void> {
  const expires = new Date(Date.parse(started.startedAt) + 90 * DAY_MS);
  await store.create(`${folder(database, started.run)}started.json`, json(started), { expires });
}

export async function endRun(store: Store, database: string, ended: RunRecord): Promise<void> {
  const least = Date.parse(ended.endedAt) + 90 * DAY_MS;
  // Kept as long as the backup it made: `verify` finds a deleted backup by the record of its run.
  const expires = new Date(Math.max(least, ended.backup ? Date.parse(ended.backup.expires) : 0));
  await store.create(`${folder(database, ended.run)}ended.json`, json(ended), { expires });
}

export function failureOf(error: LifeboatError, at: Date, step?: string): RunFailure {
  return {
    at: at.toISOString(),
    code: error.code,
    message: error.message,
    hint: error.hint,
    ...(step === undefined ? {} : { step }),
  };
}

/** The ended runs of a database, oldest first; the newest `most` of them. */
export async function endedRuns(
  store: Store,
  database: string,
  most = Infinity,
): Promise<RunRecord[]> {
  const keys = (await recordKeys(store, database)).filter((key) => key.endsWith('/ended.json'));
  const runs: RunRecord[] = [];
  // A run's name begins with the time of its request, so the newest are last.
  for (const key of most === Infinity ? keys : keys.slice(-most)) {
    const ended = await readJson<RunRecord>(store, key);
    if (ended) runs.push(ended);
  }
  return runs.sort((a, b) => (a.endedAt < b.endedAt ? -1 : 1));
}

/** The runs that began and have not ended, oldest first. */
export async function openRuns(store: Store, database: string): Promise<RunStart[]> {
  const keys = await recordKeys(store, database);
  const ended = new Set(
    keys.filter((key) => key.endsWith('/ended.json')).map((key) => key.split('/')[2]),
  );
  const open: RunStart[] = [];
  for (const key of keys.filter(
    (each) => each.endsWith('/started.json') && !ended.has(each.split('/')[2]),
  )) {
    const started = await readJson<RunStart>(store, key);
    if (started) open.push(started);
  }
  return open;
}

/** Whether a run began so long ago that it must have ended. */
export function isLost({ startedAt, deadlineMs = LONGEST_MS }: RunStart, now: Date): boolean {
  return now.getTime() > Date.parse(startedAt) + deadlineMs + GRACE_MS;
}

/** The runs that must have ended, and left no word. */
export async function lostRuns(store: Store, database: string, now: Date): Promise<RunStart[]> {
  return (await openRuns(store, database)).filter((started) => isLost(started, now));
}

export function lostFailure({ operation, startedAt }: Pick<RunStart, 'operation' | 'startedAt'>) {
  return {
    code: 'internal' as const,
    message: `the ${operation} that began at ${startedAt} ended without a word`,
    hint: 'It was killed, or ran out of memory or time; look at the log of that time, and give it more of what was short.',
  };
}

/** Closes the record of a crashed run, so that it is reported once. */
export function closeLost(
  store: Store,
  database: string,
  { run, operation, startedAt }: RunStart,
  now: Date,
): Promise<void> {
  return endRun(store, database, {
    run,
    operation,
    reason: 'unknown',
    startedAt,
    endedAt: now.toISOString(),
    ok: false,
    durationMs: now.getTime() - Date.parse(startedAt),
    steps: {},
    error: { at: now.toISOString(), ...lostFailure({ operation, startedAt }) },
  });
}

function folder(database: string, run: string): string {
  return `runs/${database}/${run}/`;
}

function json(value: unknown): Uint8Array {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}

async function recordKeys(store: Store, database: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(`runs/${database}/`)) keys.push(key);
  return keys;
}

async function readJson<T>(store: Store, key: string): Promise<T | undefined> {
  try {
    return JSON.parse((await collect(store.read(key))).toString('utf8')) as T;
  } catch (error) {
    // Records are for telling, not for restoring: one that is gone or garbled must not stop a
    // backup.
    if (
      error instanceof SyntaxError ||
      (error instanceof Error && 'code' in error && error.code === 'not_found')
    )
      return undefined;
    throw error;
  }
}
