import { join } from 'node:path';
import type { RestoreTestDocument, TestedBackup } from '../documents/restore.ts';
import type { Manifest } from '../format/manifest.ts';
import type { DatabaseConfig } from '../config/load.ts';
import { LifeboatError, toLifeboatError } from '../lib/errors.ts';
import { ENGLISH, formatSize } from '../lib/text/format.ts';
import { verified } from '../catalog/chain.ts';
import type { Listing } from '../catalog/listing.ts';
import { candidatesOf, faultsIn } from '../catalog/soundness.ts';
import { differences } from './compare.ts';
import { fitSpace } from '../space/fit.ts';
import { freshness, type BackupSchedule } from '../schedule/freshness.ts';
import { inspect } from '../sqlite/inspect.ts';
import { withWorkspace } from '../sqlite/workspace.ts';
import type { Context } from '../context.ts';
import { refuseMissingNewest } from '../state/missing.ts';
import { findRunningBackup, longestBackupMs } from '../state/running-backup.ts';
import { readSummary } from '../state/state.ts';
import { materialise } from './materialise.ts';
import { fromAnyStore } from './fallback.ts';
import { DAY_MS } from '../lib/text/time.ts';

export type TestOptions = {
  /** How many older backups to test beside the newest. */
  readonly older: number;
  readonly graceMs: number;
  readonly signal?: AbortSignal;
};

/**
 * Tests the newest backup of a database and some older ones. Problems are in the result; it throws
 * only when it was interrupted.
 */
export async function testRestore(
  context: Context,
  database: DatabaseConfig,
  { older, graceMs, signal }: TestOptions,
): Promise<RestoreTestDocument> {
  const began = performance.now();
  const problems: string[] = [];
  const tested: TestedBackup[] = [];
  try {
    const listing = await fromAnyStore(context, `listing ${database.name}`, (from) =>
      from.catalog.list(database.name),
    );
    problems.push(...listing.damaged.map(({ error }) => problemText(error)));
    for (const manifest of choose(listing, older, context.random)) {
      if (tested.length === 0)
        problems.push(...(await missingText(context, listing, database.name, manifest)));
      tested.push(await testOne(context, database, manifest, signal));
    }
    const newest = tested[0];
    if (!newest) problems.push('there is no backup');
    const now = context.now();
    const schedule = { ...database, graceMs };
    if (newest && !(await isFresh(context, schedule, new Date(newest.takenAt), now)))
      problems.push(
        `the newest backup is ${((now.getTime() - Date.parse(newest.takenAt)) / DAY_MS).toFixed(1)} days old, and its schedule asks for a newer one`,
      );
  } catch (error) {
    signal?.throwIfAborted();
    problems.push(problemText(error));
  }
  problems.push(
    ...tested.flatMap(({ id, problems: each }) => each.map((problem) => `${id}: ${problem}`)),
  );
  const [newest] = tested;
  return {
    database: database.name,
    id: newest?.id ?? null,
    ok: problems.length === 0,
    durationMs: newest?.durationMs ?? Math.round(performance.now() - began),
    checks: newest?.checks ?? [],
    tested,
    problems,
  };
}

/**
 * The newest verified backup, and `older` others at random: damage stays unseen in backups that are
 * never read.
 */
function choose(listing: Listing, older: number, random: Context['random']): Manifest[] {
  const candidates = verified(candidatesOf(listing));
  const newest = candidates.pop();
  if (!newest) return [];
  const picked = [newest];
  // What is known to be damaged would fail every test until it expires.
  const faults = faultsIn(listing);
  const rest = candidates.filter(({ id }) => faults.get(id)?.level !== 'damaged');
  for (let n = 0; n < older && rest.length > 0; n += 1)
    picked.push(...rest.splice(random(4).readUInt32BE(0) % rest.length, 1));
  return picked;
}

async function missingText(
  context: Context,
  listing: Listing,
  database: string,
  manifest: Manifest,
): Promise<string[]> {
  try {
    await refuseMissingNewest(context, listing, { database, at: 'latest', manifest });
    return [];
  } catch (error) {
    if (toLifeboatError(error).code !== 'backup_damaged') throw error;
    return [problemText(error)];
  }
}

/**
 * Restores one backup into a private temporary folder and compares what comes back with what the
 * manifest says.
 */
async function testOne(
  context: Context,
  database: DatabaseConfig,
  manifest: Manifest,
  signal: AbortSignal | undefined,
): Promise<TestedBackup> {
  const began = performance.now();
  const { id, size, takenAt } = manifest;
  try {
    return await fromAnyStore(context, `testing ${id}`, (from) =>
      withWorkspace(context.temporary, async (directory) => {
        const path = join(directory, 'restored.sqlite3');
        const sandboxLimit = await roomFor(from, manifest, database.inspection.sandboxLimit);
        await materialise(
          from,
          from.catalog.chain(await from.catalog.list(database.name), manifest),
          path,
          { signal, by: 'restore-test' },
        );
        // The time to restore ends here: what follows is the test of it.
        const durationMs = Math.round(performance.now() - began);
        const inspection = await inspect(path, {
          ...database.inspection,
          isPrivate: true,
          sandboxLimit,
          assertions: database.health.required ? database.assertions : [],
          ...(signal ? { signal } : {}),
        });
        const problems = differences(manifest.inspection, inspection);
        return {
          id,
          takenAt,
          size,
          ok: problems.length === 0,
          durationMs,
          checks: [...inspection.checks],
          problems,
        };
      }),
    );
  } catch (error) {
    signal?.throwIfAborted();
    return {
      id,
      takenAt,
      size,
      ok: false,
      durationMs: Math.round(performance.now() - began),
      checks: [],
      problems: [problemText(error)],
    };
  }
}

async function isFresh(
  context: Context,
  database: BackupSchedule & { readonly name: string },
  newest: Date,
  now: Date,
): Promise<boolean> {
  if (freshness(database, newest, now).fresh) return true;
  // The test may read from a copy because the store fails: then nothing says that a backup runs.
  const running = await readSummary(context, database.name)
    .then((state) => {
      const longestMs = longestBackupMs(state?.runs ?? []);
      const query = { name: database.name, schedule: database, newest, longestMs };
      return findRunningBackup(context.store, query, now);
    })
    .catch(() => undefined);
  return freshness(database, newest, now, running).fresh;
}

/** With the code, by which messages in other languages explain it. */
function problemText(error: unknown): string {
  const { code, message } = toLifeboatError(error);
  return `${code}: ${message}`;
}

async function roomFor(
  { space, temporary }: Context,
  { size }: Manifest,
  sandboxLimit: number,
): Promise<number> {
  const free = space.filesInMemory ? undefined : await space.free(temporary);
  const fit = fitSpace({
    size,
    sandboxLimit,
    memory: space.memory(),
    filesInMemory: space.filesInMemory,
    free,
  });
  if (fit.fits) return fit.sandboxLimit;
  const [needed, available] = [fit.needed, fit.available].map((bytes) =>
    formatSize(ENGLISH, bytes),
  );
  throw new LifeboatError(
    'insufficient_space',
    `the restore test needs ${needed} ${fit.short === 'memory' ? 'of memory' : `in ${temporary}`}, but only ${available} are free`,
    space.inJob
      ? 'Raise `maxSize` of this database in lifeboat.yaml, from which the disk of its job follows (or `disk_gib` in `jobs`), and apply the Terraform.'
      : 'Set `run: job` for this database in lifeboat.yaml, raise the memory of the function restore-test, or run `lifeboat restore-test` on a host with enough space.',
  );
}
