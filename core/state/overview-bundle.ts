// The facts of all summaries in one object, so that the overview of 5,000 databases reads one object
// instead of 5,000 (docs/format.md#bundle-of-the-overview). An entry stands for a summary only while
// the store reports the generation that it was made from; every other summary is read. A bundle
// that is missing, damaged or from another version of Lifeboat only costs requests.
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { UNREADABLE_STATE } from '../catalog/damage.ts';
import { collectAtMost } from '../lib/bytes/bytes.ts';
import { LifeboatError } from '../lib/errors.ts';
import { isObject } from '../lib/text/json.ts';
import type { Store } from '../store/store.ts';
import type { SummaryFacts } from './facts.ts';
import { haveTimes } from './stored.ts';

export type BundledFacts = {
  readonly database: string;
  /** Of the summary that they were made from. */
  readonly generation: string;
  readonly facts: SummaryFacts;
};

/** By database. */
export type OverviewBundle = ReadonlyMap<string, BundledFacts>;

export const OVERVIEW_BUNDLE_KEY = 'state/_overview.json.gz';

/** A database has 1 to 2 KB; with a large list of damaged backups it is read by itself. */
const MOST_ENTRY_BYTES = 16 << 10;
const MOST_OVERVIEW_BYTES = 32 << 20;

/** The facts in the bundle, in one request. None where it cannot be read. */
export async function readOverviewBundle(store: Store): Promise<OverviewBundle> {
  try {
    const bytes = await collectAtMost(store.read(OVERVIEW_BUNDLE_KEY), MOST_OVERVIEW_BYTES);
    return bytes ? await unpackOverview(bytes) : new Map();
  } catch (error) {
    if (error instanceof LifeboatError && UNREADABLE_STATE.includes(error.code)) return new Map();
    throw error;
  }
}

/** False when the bundle no longer has this generation: another watch has written it. */
export async function writeOverviewBundle(
  store: Store,
  entries: Iterable<BundledFacts>,
  generation: string | undefined,
): Promise<boolean> {
  const texts: string[] = [];
  let room = MOST_OVERVIEW_BYTES - 1024;
  for (const entry of entries) {
    const text = JSON.stringify(entry);
    const bytes = Buffer.byteLength(text);
    if (bytes > MOST_ENTRY_BYTES || bytes + 2 > room) continue;
    room -= bytes + 2;
    texts.push(text);
  }
  const bundle = `{"lifeboat":1,"databases":[\n${texts.join(',\n')}\n]}\n`;
  return store.replace(OVERVIEW_BUNDLE_KEY, await promisify(gzip)(bundle), generation);
}

async function unpackOverview(bytes: Buffer): Promise<OverviewBundle> {
  let value: unknown;
  try {
    // A planted one must not fill the memory.
    const text = await promisify(gunzip)(bytes, { maxOutputLength: MOST_OVERVIEW_BYTES });
    value = JSON.parse(text.toString('utf8'));
  } catch {
    return new Map();
  }
  const list = isObject(value) && value['lifeboat'] === 1 ? value['databases'] : undefined;
  const entries = Array.isArray(list) ? list.filter(isEntry) : [];
  return new Map(entries.map((entry) => [entry.database, entry]));
}

/**
 * One that another version wrote with other fields is no entry: its summary is read. By hand, like
 * the summaries: a schema takes ten times as long for 5,000 of them.
 */
function isEntry(value: unknown): value is BundledFacts {
  return (
    isObject(value) &&
    typeof value['database'] === 'string' &&
    typeof value['generation'] === 'string' &&
    isObject(value['facts']) &&
    areFacts(value['facts'])
  );
}

function areFacts(facts: Record<string, unknown>): boolean {
  const { backups, lastBackupRun, lastBackupMs, failedRuns } = facts;
  return (
    Array.isArray(backups) &&
    backups.every((each) => isObject(each) && typeof each['id'] === 'string') &&
    areAll('number', [facts['count'], facts['storedBytes'], facts['longestBackupMs']]) &&
    ['oldestTakenAt', 'latestTakenAt', 'keptUntil', 'lastScheduled'].every(
      (name) => facts[name] === null || typeof facts[name] === 'string',
    ) &&
    (lastBackupRun === null ||
      (isObject(lastBackupRun) &&
        typeof lastBackupRun['ok'] === 'boolean' &&
        areAll('string', [lastBackupRun['operation'], lastBackupRun['endedAt']]))) &&
    (lastBackupMs === null || typeof lastBackupMs === 'number') &&
    isObject(failedRuns) &&
    areAll('number', [failedRuns['backup'], failedRuns['restore-test']]) &&
    haveTimes(backups, facts['lastRestoreTest']) &&
    [facts['lastFailure'], facts['lastRestoreTest']].every(
      (each) => each === null || isObject(each),
    )
  );
}

function areAll(type: 'number' | 'string', values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === type);
}
