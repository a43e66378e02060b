import { changeDamage, type DamageFinder, type DamageRecord } from '../catalog/damage.ts';
import type { Listing } from '../catalog/listing.ts';
import type { Context } from '../context.ts';
import { manifestKey } from '../format/manifest.ts';
import { toLifeboatError } from '../lib/errors.ts';
import { readSummary, updateState } from './state.ts';
import { catalogued } from './summary.ts';

/** What a look at one backup in a store showed. */
export type Examination = {
  readonly id: string;
  /** Empty: everything that was looked at is right. */
  readonly problems: readonly string[];
  /** Only its fingerprints are damaged. */
  readonly restores: boolean;
  /** It was decoded, and not only compared with its checksums. */
  readonly decoded: boolean;
};

/**
 * Records which backups are damaged, and forgets what turned out to be sound again, so that no
 * backup builds on damage. A store that takes no record is logged: the finding itself is reported
 * by the caller. Never throws.
 */
export async function recordExaminations(
  context: Context,
  database: string,
  by: DamageFinder,
  examinations: readonly Examination[],
): Promise<void> {
  const at = context.now().toISOString();
  const changes: Examination[] = [];
  try {
    await changeDamage(context.store, database, (records) => {
      changes.length = 0;
      const next = new Map(records);
      for (const examination of examinations) {
        const before = records.get(examination.id);
        if (!isNews(before, examination)) continue;
        changes.push(examination);
        if (examination.problems.length === 0) next.delete(examination.id);
        else next.set(examination.id, { ...examination, at, by });
      }
      return changes.length > 0 ? next : records;
    });
    for (const change of changes) logChange(context, database, by, change);
    // A summary that nobody has written yet is not written for this.
    if (changes.length > 0 && (await readSummary(context, database)))
      await updateState(context, database, async (state) => ({
        ...state,
        ...(await catalogued(context, database)),
      }));
  } catch (cause) {
    const { message, code } = toLifeboatError(cause);
    const text = `the damage of ${database} could not be recorded in ${context.store.url}: ${message}`;
    context.log('WARNING', text, {
      event: 'damage',
      database,
      code,
      hint: 'Until it is recorded, backups may build on it: give this identity the right to write below state/, then run `lifeboat verify`.',
      cause,
    });
  }
}

/**
 * Forgets the damage of backups that the store no longer has, so that the records do not grow for
 * ever. Never throws: the next `verify` tries again.
 */
export async function forgetDamage(
  { store, log }: Context,
  database: string,
  { manifests, damaged, damage }: Listing,
): Promise<void> {
  const ids = new Set([...manifests, ...damaged].map(({ id }) => id));
  const absent = new Set<string>();
  try {
    for (const id of damage.keys())
      // It may have been written since the store was listed.
      if (!ids.has(id) && !(await store.stat(manifestKey(database, id)))) absent.add(id);
    if (absent.size === 0) return;
    await changeDamage(store, database, (records) => {
      const present = new Map([...records].filter(([id]) => !absent.has(id)));
      return present.size === records.size ? records : present;
    });
  } catch (cause) {
    const { message, code } = toLifeboatError(cause);
    log('WARNING', `outdated records of damage of ${database} could not be removed: ${message}`, {
      event: 'damage',
      database,
      code,
      cause,
    });
  }
}

/** A known damage is recorded again only when it turned out to be worse. */
function isNews(
  before: DamageRecord | undefined,
  { problems, restores, decoded }: Examination,
): boolean {
  if (problems.length > 0) return !before || (before.restores && !restores);
  return before !== undefined && (decoded || !before.decoded);
}

function logChange(
  { log, store }: Context,
  database: string,
  by: DamageFinder,
  { id, problems: [problem], restores }: Examination,
): void {
  const about = { event: 'damage', database, backup: id } as const;
  if (problem === undefined)
    return log('INFO', `${by} found ${database}/${id} in ${store.url} sound again`, about);
  const result = restores ? 'cannot be the base of an incremental backup' : 'does not restore';
  log('ERROR', `${by} found ${database}/${id} in ${store.url} damaged: ${problem}`, {
    ...about,
    code: 'backup_damaged',
    hint: `This backup ${result}, so the next backup is full. Make it now: \`lifeboat backup ${database}\`.`,
  });
}
