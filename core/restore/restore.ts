// Restoring: writes a backup to a file, a query's private copy or a restore test. A restored file is
// byte for byte the snapshot, or it does not appear. Imports the catalog, the format and sqlite.

import { dirname, resolve } from 'node:path';
import type { Context } from '../context.ts';
import type { RestoreDocument } from '../documents/restore.ts';
import type { Manifest } from '../format/manifest.ts';
import { settleBoth } from '../lib/async.ts';
import { LifeboatError, toLifeboatError } from '../lib/errors.ts';
import type { Progress } from '../lib/progress.ts';
import type { Check } from '../sqlite/types.ts';
import { removeLeftovers, withFileBeside } from './place/beside.ts';
import { checkRestored, type RestoreCheck } from './check-restored.ts';
import { chooseBackup } from './choose.ts';
import { fromAnyStore } from './fallback.ts';
import { refuseInUse } from './place/in-use.ts';
import { writeSnapshot } from './materialise.ts';
import { lastOf } from './snapshot-digest.ts';
import { place } from './place/place.ts';
import { requireSpace } from './space.ts';
import { findTarget, type Target } from './place/target.ts';

export type RestoreOptions = {
  /** Path of the file to restore to. */
  readonly to: string;
  /** `latest`, an id, or a time. */
  readonly at: string;
  readonly force: boolean;
  /** Replace a database even while another process has it open. */
  readonly evenIfOpen?: boolean | undefined;
  readonly salvage: boolean;
  readonly dryRun: boolean;
  /** Absent: `digest`. */
  readonly check?: RestoreCheck | undefined;
  readonly onProgress?: Progress | undefined;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Restores one backup to a file: byte for byte the snapshot, or nothing is left behind. When the
 * first store is damaged or unreachable, the same backup comes from a copy; the document names the
 * store.
 */
export function restore(
  context: Context,
  database: string,
  options: RestoreOptions,
): Promise<RestoreDocument> {
  let { at } = options;
  return fromAnyStore(context, `restoring ${database}`, async (from) => {
    const began = context.now();
    const listing = await from.catalog.list(database);
    const selection = { database, at, salvage: options.salvage };
    const backup = await chooseBackup(from, listing, selection).catch((error: unknown) => {
      // A copy may still have the one that is gone.
      at = missingId(error) ?? at;
      throw error;
    });
    // A copy that lacks this backup must not provide an older one instead.
    at = backup.id;
    const chain = from.catalog.chain(listing, backup);
    const target = await findTarget(resolve(options.to), options.force);
    if (!options.evenIfOpen) await refuseInUse(target.path);
    await requireSpace(from, backup, {
      folder: dirname(target.path),
      hint: 'Free some space there, or restore to another disk with --to.',
    });
    const { checks, setAside } = options.dryRun
      ? { checks: [], setAside: [] }
      : await restoreChain(from, chain, target, options);
    return {
      id: backup.id,
      database,
      takenAt: backup.takenAt,
      to: target.path,
      size: backup.size,
      sha256: backup.sha256,
      checks: [...checks],
      durationMs: context.now().getTime() - began.getTime(),
      setAside,
      from: from.store.url,
    };
  });
}

function missingId(error: unknown): string | undefined {
  const id = error instanceof LifeboatError ? error.facts['backup'] : undefined;
  return typeof id === 'string' ? id : undefined;
}

/** Writes the snapshot beside the target, checks it there, and puts it in its place. */
async function restoreChain(
  context: Context,
  chain: readonly Manifest[],
  target: Target,
  options: RestoreOptions,
): Promise<{ checks: readonly Check[]; setAside: string[] }> {
  const { signal, evenIfOpen } = options;
  const { temporary, now } = context;
  await removeLeftovers(target.path);
  try {
    return await withFileBeside(target.path, async (file) => {
      const { onProgress } = options;
      const writing = { by: 'restore', durable: true, onProgress, signal } as const;
      await writeSnapshot(context, chain, file.handle, writing);
      const [checks] = await settleBoth(
        checkRestored(file.path, lastOf(chain), options.check ?? 'digest', signal),
        file.handle.sync(),
      );
      signal?.throwIfAborted();
      const placement = { at: now(), temporary, signal, evenIfOpen };
      return { checks, setAside: await place(file, target, placement) };
    });
  } catch (error) {
    if (signal?.aborted)
      throw new LifeboatError(
        'interrupted',
        'the restore was interrupted',
        'The target is unchanged. Run the restore again.',
        { cause: error },
      );
    throw toLifeboatError(error);
  }
}
