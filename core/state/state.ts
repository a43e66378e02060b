import { NAME } from '../config/database.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { collect } from '../lib/bytes.ts';
import { LifeboatError } from '../lib/errors.ts';
import type { Store } from '../store/store.ts';
import type { Context } from '../context.ts';
import { endedRuns } from './records.ts';
import { catalogued, type Rows, type Shown } from './summary.ts';
import type { BackupDocument } from '../documents/backup.ts';
import type { RestoreTestSummary, RunRecord, RunFailure } from '../documents/run.ts';

export const MOST_RUNS = 90;
const TRIES = 8;

/** A database in one object: what status shows, and what was told already. Everything in it can be made again from manifests and runs. */
export type State = {
  lifeboat: 1;
  database: string;
  updatedAt: string;
  /** Newest first, without salvage copies. */
  backups: BackupDocument[];
  salvage: number;
  /** Of the newest backup's largest tables. Absent in the summaries of older versions, as is the next. */
  rows?: Rows | undefined;
  /** The manifest of the newest backup. */
  newest?: Shown | null | undefined;
  /** The last of them, oldest first. */
  runs: RunRecord[];
  lastFailure: RunFailure | null;
  lastRestoreTest: RestoreTestSummary | null;
  /** What `policy/telling` remembers. */
  told: unknown;
};

type Read = { readonly state: State | undefined; readonly told: unknown };
const NOTHING: Read = { state: undefined, told: null };

export function stateKey(database: string): string {
  return `state/${database}.json`;
}

/** The summary and its generation; `undefined` when there is none that can be read. What was told may be there before there is a summary. */
export async function readState(
  { store }: Context,
  database: string,
): Promise<Read & { readonly generation: string | undefined }> {
  const found = await store.stat(stateKey(database));
  return found
    ? { ...(await readAll(store, database)), generation: found.generation }
    : { ...NOTHING, generation: undefined };
}

/** The summary alone, with one request; `undefined` when there is none that can be read. */
export async function readSummary(
  { store }: Context,
  database: string,
): Promise<State | undefined> {
  try {
    return (await readAll(store, database)).state;
  } catch (error) {
    // One that was damaged is made again by the next run, and must not hide the others until then.
    if (
      error instanceof LifeboatError &&
      (error.code === 'not_found' || error.code === 'backup_damaged')
    )
      return undefined;
    throw error;
  }
}

/** The names of the databases that have a summary: by a single request, since there is one object for each. */
export async function summarisedDatabases({ store }: Context): Promise<string[]> {
  const names: string[] = [];
  for await (const { key } of store.list('state/')) {
    const name = /^state\/(.+)\.json$/.exec(key)?.[1];
    if (name !== undefined && NAME.test(name)) names.push(name);
  }
  return names;
}

/** The summary made anew from the catalog and the records of runs. */
export async function rebuildState(context: Context, database: string): Promise<State> {
  const [backups, runs] = [
    await catalogued(context, database),
    await endedRuns(context.store, database, MOST_RUNS),
  ];
  return {
    lifeboat: 1,
    database,
    updatedAt: context.now().toISOString(),
    ...backups,
    runs,
    lastFailure: runs.filter(({ ok, error }) => !ok && error).at(-1)?.error ?? null,
    lastRestoreTest: testedIn(runs),
    told: null,
  };
}

/** Adds a run that has ended. The backups come from the catalog each time, so a lost update does no harm. */
export async function withRun(context: Context, state: State, ended: RunRecord): Promise<State> {
  return {
    ...state,
    updatedAt: context.now().toISOString(),
    ...(await catalogued(context, state.database)),
    runs: [...state.runs.filter(({ run }) => run !== ended.run), ended]
      .sort((a, b) => (a.endedAt < b.endedAt ? -1 : 1))
      .slice(-MOST_RUNS),
    lastFailure: ended.error ?? state.lastFailure,
  };
}

/** Changes the summary by compare-and-swap; `change` is called again when somebody else was faster. Answers with what was stored. */
export async function updateState(
  context: Context,
  database: string,
  change: (state: State) => Promise<State> | State,
): Promise<State> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const { state, told, generation } = await readState(context, database);
    const next = await change(state ?? { ...(await rebuildState(context, database)), told });
    if (
      await context.store.replace(
        stateKey(database),
        Buffer.from(`${JSON.stringify(next)}\n`),
        generation,
      )
    )
      return next;
    await sleep(10 * 2 ** attempt * (0.5 + (context.random(1)[0] ?? 0) / 256));
  }
  throw new LifeboatError(
    'store_unreachable',
    `the summary of ${database} is being changed all the time`,
    'It is made again by the next run.',
  );
}

async function readAll(store: Store, database: string): Promise<Read> {
  const bytes = await collect(store.read(stateKey(database)));
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    return NOTHING;
  }
  return {
    state: stateOf(value, database),
    told: isObject(value) ? (value['told'] ?? null) : null,
  };
}

/**
 * Only the frame is checked: it is our own summary, and what does not fit is made anew. By hand, since a schema takes ten times as long, and 500 of
 * them are read at once. What other versions add or lack is no fault, or a mix of versions would make it anew for ever.
 */
function stateOf(value: unknown, database: string): State | undefined {
  if (!isObject(value) || value['lifeboat'] !== 1 || value['database'] !== database)
    return undefined;
  if (!haveTexts(value['backups'], 'id') || !haveTexts(value['runs'], 'run')) return undefined;
  const { rows, newest } = value;
  return {
    ...(value as unknown as State),
    rows: isRows(rows) ? (rows as Rows) : undefined,
    newest: isObject(newest) && typeof newest['id'] === 'string' ? (newest as Shown) : undefined,
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function haveTexts(list: unknown, name: string): boolean {
  return (
    Array.isArray(list) && list.every((each) => isObject(each) && typeof each[name] === 'string')
  );
}

function isRows(value: unknown): boolean {
  return (
    isObject(value) &&
    Array.isArray(value['tables']) &&
    value['tables'].every((table) => typeof table === 'string') &&
    isObject(value['counts']) &&
    Object.values(value['counts']).every(Array.isArray)
  );
}

/** The last restore test as its run tells it: without the backup that it was about. */
function testedIn(runs: readonly RunRecord[]): RestoreTestSummary | null {
  const last = runs.filter(({ operation }) => operation === 'restore-test').at(-1);
  return last
    ? {
        at: last.endedAt,
        ok: last.ok,
        id: null,
        durationMs: last.durationMs,
        problem: last.error?.message ?? null,
      }
    : null;
}
