import type { Progress } from '../lib/progress.ts';
import { access, chmod, chown, link, lstat, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { RestoreDocument } from '../documents/restore.ts';
import { LifeboatError, toLifeboatError } from '../lib/errors.ts';
import { checkStructure } from '../sqlite/inspect.ts';
import type { Check } from '../sqlite/types.ts';
import { removedAtExit } from '../sqlite/workspace.ts';
import type { Context } from '../context.ts';
import { materialise } from './materialise.ts';
import { selectBackup } from '../catalog/select.ts';
import { fromAnyStore } from './fallback.ts';

export type RestoreOptions = {
  /** Path of the file to restore to. */
  readonly to: string;
  /** `latest`, an id, or a time. */
  readonly at: string;
  readonly force: boolean;
  readonly salvage: boolean;
  readonly dryRun: boolean;
  readonly onProgress?: Progress;
  readonly signal?: AbortSignal;
};
const CHECK_TIMEOUT_MS = 1_800_000;
const SIBLINGS = ['', '-wal', '-shm', '-journal'];

/**
 * Restores one backup to a file. Either the target is byte for byte the snapshot, or nothing is left behind. When the first store is damaged or
 * out of reach the same backup comes from a copy, and the answer says from which.
 */
export function restore(
  context: Context,
  database: string,
  options: RestoreOptions,
): Promise<RestoreDocument> {
  let { at } = options;
  return fromAnyStore(context, `restoring ${database}`, (from) => {
    // An older backup in its place, because a copy has no newer one, would be taken for the one that was meant.
    const chosen = (id: string) => void (at = id);
    return restoreFrom(from, database, { ...options, at }, chosen);
  });
}

async function restoreFrom(
  context: Context,
  database: string,
  options: RestoreOptions,
  chosen: (id: string) => void,
): Promise<RestoreDocument> {
  const began = context.now();
  const listing = await context.catalog.list(database);
  const backup = selectBackup(listing, database, options.at, options.salvage);
  chosen(backup.id);
  const chain = context.catalog.chain(listing, backup);
  const to = resolve(options.to);
  const document = (checks: readonly Check[], setAside: string[]): RestoreDocument => ({
    id: backup.id,
    database,
    to,
    size: backup.size,
    sha256: backup.sha256,
    checks: [...checks],
    durationMs: context.now().getTime() - began.getTime(),
    setAside,
    from: context.store.url,
  });
  await refuseOccupied(to, options.force);
  if (!(await exists(dirname(to))))
    throw new LifeboatError(
      'usage',
      `the folder ${dirname(to)} does not exist`,
      'Make it, or choose another target.',
    );
  if (options.dryRun) return document([], []);
  const temporary = join(
    dirname(to),
    `.${basename(to)}.lifeboat-${context.random(4).toString('hex')}`,
  );
  return removedAtExit(temporary, async () => {
    try {
      await materialise(context, chain, temporary, options);
      const [checks] = await Promise.all([
        checkStructure(temporary, CHECK_TIMEOUT_MS, options.signal),
        sync(temporary),
      ]);
      const failed = checks.find(({ result }) => result === 'failed');
      if (failed && !backup.salvage)
        throw new LifeboatError(
          'backup_damaged',
          `the restored database fails its check: ${failed.name}`,
          'Restore another backup with --at.',
          { facts: { check: failed.name } },
        );
      options.signal?.throwIfAborted();
      const aside = options.force
        ? await replaceOld(temporary, to, context.now())
        : (await placeNew(temporary, to), []);
      await sync(dirname(to));
      return document(checks, aside);
    } catch (error) {
      await rm(temporary, { force: true });
      if (options.signal?.aborted)
        throw new LifeboatError(
          'interrupted',
          'the restore was interrupted',
          'The target was not touched; run it again.',
          {
            cause: error,
          },
        );
      throw toLifeboatError(error);
    }
  });
}

async function refuseOccupied(to: string, force: boolean): Promise<void> {
  const found = await present(to);
  if (found.length === 0) return;
  if ((await lstat(to).catch(() => undefined))?.isDirectory())
    throw new LifeboatError('usage', `${to} is a directory`, 'Name the file to restore to.');
  if (!force)
    throw new LifeboatError(
      'usage',
      `${found.map((each) => basename(each)).join(', ')} exists already`,
      'Choose another target, or use --force, which sets the old files aside.',
    );
}

async function present(to: string): Promise<string[]> {
  const found: string[] = [];
  for (const suffix of SIBLINGS) if (await exists(`${to}${suffix}`)) found.push(`${to}${suffix}`);
  return found;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () =>
      lstat(path).then(
        () => true,
        () => false,
      ),
  );
}

async function sync(path: string): Promise<void> {
  await using file = await open(path, 'r');
  await file.sync();
}

/** Moves the old files aside, then the new one into its place; owner and mode of the old one are kept. */
async function replaceOld(temporary: string, to: string, at: Date): Promise<string[]> {
  const old = await lstat(to).catch(() => undefined);
  if (old?.isFile()) {
    await chmod(temporary, old.mode & 0o7777);
    await chown(temporary, old.uid, old.gid).catch(() => undefined);
  }
  const aside: string[] = [];
  const stamp = at.toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
  // The siblings first: a new database beside an old -wal would be corrupted by its first reader.
  for (const path of (await present(to)).reverse()) {
    const name = `${to}.before-restore-${stamp}Z${path.slice(to.length)}`;
    await rename(path, name);
    aside.push(name);
  }
  await rename(temporary, to);
  return aside;
}

async function placeNew(temporary: string, to: string): Promise<void> {
  try {
    // A link refuses a target that appeared meanwhile; a rename would overwrite it.
    await link(temporary, to);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')
      await refuseOccupied(to, false);
    await rename(temporary, to);
    return;
  }
  await rm(temporary);
}
