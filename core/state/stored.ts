import { collect } from '../lib/bytes/bytes.ts';
import { backoff, retry } from '../lib/async.ts';
import { LifeboatError } from '../lib/errors.ts';
import { isObject } from '../lib/text/json.ts';
import { isMoment } from '../lib/text/time.ts';
import type { BackupDocument } from '../documents/backup.ts';
import type { RestoreTestSummary, RunFailure, RunRecord } from '../documents/run.ts';
import type { Store } from '../store/store.ts';
import type { Rows, ShownManifest } from './summary.ts';

/** The summary of a database that status shows, rebuilt from manifests and run records when lost. */
export type State = {
  lifeboat: 1;
  database: string;
  updatedAt: string;
  /** Newest first, without salvage copies. */
  backups: BackupDocument[];
  salvage: number;
  /** Of the newest backup's largest tables. Summaries of older versions lack it, and `newest`. */
  rows?: Rows | undefined;
  /** The manifest of the newest backup. */
  newest?: ShownManifest | null | undefined;
  /** The latest runs, oldest first. */
  runs: RunRecord[];
  lastFailure: RunFailure | null;
  lastRestoreTest: RestoreTestSummary | null;
};

/**
 * The object `state/<database>.json`, read: the summary and, in its field `told`, the notification
 * memory.
 */
export type StoredState = {
  /** Undefined when it is missing or cannot be read. */
  readonly summary: State | undefined;
  /** As `alerts/memory.ts` wrote it; null when there is none. It may exist without a summary. */
  readonly notificationMemory: unknown;
  /** Every field as stored, also those of other versions. */
  readonly fields: Readonly<Record<string, unknown>>;
};

type StateChange<T> = {
  /** The fields to store; undefined leaves the object as it is. */
  readonly fields: Readonly<Record<string, unknown>> | undefined;
  readonly result: T;
};

const CHANGE_ATTEMPTS = 20;
/**
 * Far above what Lifeboat writes: 400 backups, 90 runs, the newest manifest without its pages, and
 * the notification memory have a few MiB in the largest databases.
 */
const MOST_STATE_BYTES = 16 * 2 ** 20;
const NOTHING: StoredState = { summary: undefined, notificationMemory: null, fields: {} };

export function stateKey(database: string): string {
  return `state/${database}.json`;
}

/** Reads the object in one request. Throws `not_found`, and `backup_damaged` when it is huge. */
export async function readStored(store: Store, database: string): Promise<StoredState> {
  const key = stateKey(database);
  const bytes = await collect(store.read(key), { bytes: MOST_STATE_BYTES, subject: key });
  return parseState(bytes.toString('utf8'), database);
}

/** Like `readStored`, in two requests, but an object that does not exist is an empty one. */
async function readExisting(
  store: Store,
  database: string,
): Promise<StoredState & { readonly generation: string | undefined }> {
  // The generation first: if the content is newer than it, the swap fails, as it must.
  const object = await store.stat(stateKey(database));
  // One that is huge is written anew, like any other that cannot be read.
  const isReadable = object !== undefined && object.size <= MOST_STATE_BYTES;
  const state = isReadable ? await readStored(store, database) : NOTHING;
  return { ...state, generation: object?.generation };
}

/**
 * Changes the object by compare-and-swap and returns the result of `change`, which is called again
 * whenever another process wrote in between. Throws what the store throws, and `store_unreachable`
 * if the object never stops changing.
 */
export function changeStored<T>(
  store: Store,
  database: string,
  change: (state: StoredState) => Promise<StateChange<T>> | StateChange<T>,
): Promise<T> {
  const conflict = new LifeboatError(
    'store_unreachable',
    `could not update the state of ${database}: other processes kept changing it`,
    'Nothing is lost: the next run writes the state again.',
  );
  const attempt = async (): Promise<T> => {
    const { generation, ...state } = await readExisting(store, database);
    const { fields, result } = await change(state);
    if (fields) {
      const bytes = Buffer.from(`${JSON.stringify(fields)}\n`);
      if (!(await store.replace(stateKey(database), bytes, generation))) throw conflict;
    }
    return result;
  };
  return retry(attempt, {
    pauseMs: (error, failures) =>
      error === conflict && failures < CHANGE_ATTEMPTS
        ? backoff(failures, { firstMs: 10, mostMs: 250 })
        : undefined,
  });
}

function parseState(text: string, database: string): StoredState {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return NOTHING;
  }
  if (!isObject(value)) return NOTHING;
  return {
    summary: summaryIn(value, database),
    notificationMemory: value['told'] ?? null,
    fields: value,
  };
}

/**
 * Checks only the frame: Lifeboat itself wrote it, and rebuilds it when it does not fit. Not by a
 * schema, which takes ten times as long, because status reads 500 of them at once. Ignores fields
 * that another version added or lacks: a mix of versions would otherwise rebuild it for ever.
 */
function summaryIn(value: Record<string, unknown>, database: string): State | undefined {
  if (value['lifeboat'] !== 1 || value['database'] !== database) return undefined;
  if (!haveTexts(value['backups'], 'id') || !haveTexts(value['runs'], 'run')) return undefined;
  if (!haveTimes(value['backups'], value['lastRestoreTest'])) return undefined;
  const { told: _, rows, newest, ...summary } = value;
  return {
    ...(summary as unknown as State),
    rows: isRows(rows) ? (rows as Rows) : undefined,
    newest:
      isObject(newest) && typeof newest['id'] === 'string' ? (newest as ShownManifest) : undefined,
  };
}

function haveTexts(list: unknown, name: string): boolean {
  return (
    Array.isArray(list) && list.every((each) => isObject(each) && typeof each[name] === 'string')
  );
}

/**
 * Whether the times that the status computes with are valid: a single other one would hide the
 * status of all databases.
 */
export function haveTimes(backups: unknown, restoreTest: unknown): boolean {
  return (
    Array.isArray(backups) &&
    backups.every((each) => isObject(each) && isMoment(each['takenAt'])) &&
    (!isObject(restoreTest) || isMoment(restoreTest['at']))
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
