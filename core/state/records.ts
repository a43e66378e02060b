import { createHash } from 'node:crypto';
import { collect } from '../lib/bytes/bytes.ts';
import { LifeboatError } from '../lib/errors.ts';
import { fit } from '../lib/text/text.ts';
import { DAY_MS, isMoment } from '../lib/text/time.ts';
import type { Store, StoredObject } from '../store/store.ts';
import type { RunFailure, RunRecord, RunStart } from '../documents/run.ts';

const RECORD_DAYS = 90;
/** An error may quote a name in the database, which has no limit. */
const MOST_MESSAGE = 4000;
/** A record has a few KiB; the rest is room for what later versions add. */
const MOST_RECORD_BYTES = 2 ** 20;

/**
 * A run writes `started` before its first effect and `ended` last; a start without an end means
 * that it crashed. Returns when it was written by the store's own clock, where it has one.
 */
export async function startRun(
  store: Store,
  database: string,
  start: RunStart,
): Promise<Date | undefined> {
  const expires = new Date(Date.parse(start.startedAt) + RECORD_DAYS * DAY_MS);
  const key = `${folderOf(database, start.run)}started.json`;
  return (await store.create(key, json(start), { expires }))?.written;
}

export async function endRun(store: Store, database: string, record: RunRecord): Promise<void> {
  const least = Date.parse(record.endedAt) + RECORD_DAYS * DAY_MS;
  // Kept as long as the backup it made: `verify` finds a deleted backup by the record of its run.
  const expires = new Date(Math.max(least, record.backup ? Date.parse(record.backup.expires) : 0));
  await store.create(`${folderOf(database, record.run)}ended.json`, json(record), { expires });
}

export function runFailureOf({ code, message, hint }: LifeboatError, at: Date, step?: string) {
  const failure: RunFailure = {
    at: at.toISOString(),
    code,
    message: fit(message, MOST_MESSAGE),
    hint,
  };
  return step === undefined ? failure : { ...failure, step };
}

/**
 * The ended runs of a database, oldest first; the newest `most` of them. A record of `known` that
 * has the size and the MD5 which the store reports for the run's own object is not read again.
 */
export async function endedRuns(
  store: Store,
  database: string,
  most = Infinity,
  known: readonly RunRecord[] = [],
): Promise<RunRecord[]> {
  const byName = new Map(known.map((each) => [each.run, each]));
  const objects = (await recordObjects(store, database)).filter(isEnd);
  const runs: RunRecord[] = [];
  // A run's name begins with the time of its request, so the newest are last.
  for (const object of most === Infinity ? objects : objects.slice(-most)) {
    const copy = byName.get(runNameOf(object) ?? '');
    const record =
      copy && isStoredAs(object, copy)
        ? copy
        : await readRecord<RunRecord>(store, object, 'endedAt');
    if (record) runs.push(record);
  }
  return runs.sort((a, b) => (a.endedAt < b.endedAt ? -1 : 1));
}

/** The ended runs of a database, newest first, each read when it is asked for. */
export async function* newestRuns(store: Store, database: string): AsyncGenerator<RunRecord> {
  const objects = (await recordObjects(store, database)).filter(isEnd);
  for (const object of objects.toReversed()) {
    const record = await readRecord<RunRecord>(store, object, 'endedAt');
    if (record) yield record;
  }
}

/** The runs that began and have not ended, oldest first. */
export async function openRuns(store: Store, database: string): Promise<RunStart[]> {
  const objects = await recordObjects(store, database);
  const endedNames = new Set(objects.filter(isEnd).map(runNameOf));
  const open: RunStart[] = [];
  for (const object of objects) {
    if (!object.key.endsWith('/started.json') || endedNames.has(runNameOf(object))) continue;
    const start = await readRecord<RunStart>(store, object, 'startedAt');
    if (start) open.push(start);
  }
  return open;
}

/** A copy may come from an object that others may write; a folder knows no MD5. */
function isStoredAs({ size, md5 }: StoredObject, record: RunRecord): boolean {
  if (md5 === undefined) return false;
  const bytes = json(record);
  return bytes.length === size && createHash('md5').update(bytes).digest('hex') === md5;
}

function folderOf(database: string, run: string): string {
  return `runs/${database}/${run}/`;
}

function json(value: unknown): Uint8Array {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}

async function recordObjects(store: Store, database: string): Promise<StoredObject[]> {
  const objects: StoredObject[] = [];
  for await (const object of store.list(`runs/${database}/`)) objects.push(object);
  return objects;
}

function isEnd({ key }: StoredObject): boolean {
  return key.endsWith('/ended.json');
}

function runNameOf({ key }: StoredObject): string | undefined {
  return key.split('/')[2];
}

/**
 * Records are for reporting, not for restoring: one that is missing, garbled or larger than any
 * that Lifeboat writes must not stop a backup.
 */
async function readRecord<T extends RunStart>(
  store: Store,
  { key, size }: StoredObject,
  moment: 'startedAt' | 'endedAt',
): Promise<T | undefined> {
  if (size > MOST_RECORD_BYTES) return undefined;
  try {
    const bytes = await collect(store.read(key), { bytes: MOST_RECORD_BYTES, subject: key });
    const value = JSON.parse(bytes.toString('utf8')) as Record<string, unknown> | null;
    const isRecord = typeof value?.['run'] === 'string' && isMoment(value[moment]);
    return isRecord ? (value as T) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || isAbsentOrDamaged(error)) return undefined;
    throw error;
  }
}

function isAbsentOrDamaged(error: unknown): boolean {
  return (
    error instanceof LifeboatError &&
    (error.code === 'not_found' || error.code === 'backup_damaged')
  );
}
