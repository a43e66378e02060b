// What was found damaged, remembered in `state/damaged/<database>.json` (docs/format.md). It is
// below `state/`, because that is the only place where every identity that reads backups may write.

import { BACKUP_ID } from '../format/manifest.ts';
import { backoff, retry } from '../lib/async.ts';
import { collectAtMost } from '../lib/bytes/bytes.ts';
import { LifeboatError } from '../lib/errors.ts';
import { isObject } from '../lib/text/json.ts';
import { isKey } from '../store/key.ts';
import type { Store } from '../store/store.ts';

/** The operation that found the damage. */
export type DamageFinder = 'verify' | 'restore' | 'restore-test' | 'copy' | 'backup';

/** One backup that was found damaged. */
export type DamageRecord = {
  readonly id: string;
  readonly at: string;
  readonly by: DamageFinder;
  readonly problems: readonly string[];
  /** Only its fingerprints are damaged, so it restores and only carries no increment. */
  readonly restores: boolean;
  /** Decoding failed, so only decoding, not checksums, can show that it is sound again. */
  readonly decoded: boolean;
};

export type DamageRecords = ReadonlyMap<string, DamageRecord>;

/** No record, no right to read it, or something else in its place. */
export const UNREADABLE_STATE: readonly string[] = ['not_found', 'store_denied', 'backup_damaged'];
const FINDERS: readonly string[] = ['verify', 'restore', 'restore-test', 'copy', 'backup'];
/** Far more than a store can have; what is larger was planted. */
const MOST_BYTES = 4 << 20;
const MOST_PROBLEMS = 5;
const MOST_LETTERS = 300;
const ATTEMPTS = 20;

export function damageKey(database: string): string {
  return `state/damaged/${database}.json`;
}

/**
 * The records of a database, in one request. None where the object is missing, unreadable or
 * refused to this identity: then damage is found again by whoever reads the backup.
 */
export async function readDamage(store: Store, database: string): Promise<DamageRecords> {
  const key = damageKey(database);
  // A name that no database can have has no records.
  if (!isKey(key)) return new Map();
  try {
    return parse(await collectAtMost(store.read(key), MOST_BYTES));
  } catch (error) {
    if (error instanceof LifeboatError && UNREADABLE_STATE.includes(error.code)) return new Map();
    throw error;
  }
}

/**
 * Replaces the records by compare-and-swap; `change` is called again whenever another process wrote
 * in between, and an unchanged map writes nothing. Throws what the store throws.
 */
export function changeDamage(
  store: Store,
  database: string,
  change: (records: DamageRecords) => DamageRecords,
): Promise<void> {
  const conflict = new LifeboatError(
    'store_unreachable',
    `could not record the damage of ${database}: other processes kept changing it`,
    'Run `lifeboat verify` again.',
  );
  const attempt = async (): Promise<void> => {
    // The generation first: if the content is newer than it, the swap fails, as it must.
    const object = await store.stat(damageKey(database));
    const before = object ? await readDamage(store, database) : new Map<string, DamageRecord>();
    const after = change(before);
    if (after === before) return;
    const bytes = encode(database, after);
    if (!(await store.replace(damageKey(database), bytes, object?.generation))) throw conflict;
  };
  return retry(attempt, {
    pauseMs: (error, failures) =>
      error === conflict && failures < ATTEMPTS
        ? backoff(failures, { firstMs: 10, mostMs: 250 })
        : undefined,
  });
}

/** Without the oldest backups when they are too many: a reader refuses a larger object as a whole. */
function encode(database: string, records: DamageRecords): Uint8Array {
  const backups = [...records.values()].map(({ problems, ...record }) => ({
    ...record,
    problems: problems.slice(0, MOST_PROBLEMS).map((each) => each.slice(0, MOST_LETTERS)),
  }));
  const newestFirst = backups.sort((a, b) => (a.id < b.id ? 1 : -1));
  for (let count = newestFirst.length; ; count = Math.floor(count * 0.9)) {
    const newest = newestFirst.slice(0, count);
    const text = `${JSON.stringify({ lifeboat: 1, database, backups: newest }, null, 1)}\n`;
    const bytes = Buffer.from(text);
    if (bytes.length <= MOST_BYTES) return bytes;
  }
}

/** What is not as Lifeboat writes it is left out: `verify` writes the records anew. */
function parse(bytes: Buffer | undefined): DamageRecords {
  let value: unknown;
  try {
    value = JSON.parse(bytes?.toString('utf8') ?? 'null');
  } catch {
    return new Map();
  }
  const entries = isObject(value) && Array.isArray(value['backups']) ? value['backups'] : [];
  return new Map(entries.filter(isRecord).map((record) => [record.id, record]));
}

function isRecord(value: unknown): value is DamageRecord {
  if (!isObject(value)) return false;
  const { id, at, by, problems, restores, decoded } = value;
  return (
    typeof id === 'string' &&
    BACKUP_ID.test(id) &&
    typeof at === 'string' &&
    typeof by === 'string' &&
    FINDERS.includes(by) &&
    Array.isArray(problems) &&
    problems.every((each) => typeof each === 'string') &&
    typeof restores === 'boolean' &&
    typeof decoded === 'boolean'
  );
}
