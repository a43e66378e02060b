import { open, type FileHandle } from 'node:fs/promises';
import type { DamageFinder } from '../catalog/damage.ts';
import type { Context } from '../context.ts';
import type { Manifest } from '../format/manifest.ts';
import { LifeboatError } from '../lib/errors.ts';
import { abortable } from '../lib/async.ts';
import type { Progress } from '../lib/progress.ts';
import { recordExaminations } from '../state/damage.ts';
import { digestBeside } from './write/digest-beside.ts';
import { readSnapshot } from './read-snapshot.ts';
import { lastOf } from './snapshot-digest.ts';
import { storedLayer } from './stored-layer.ts';
import { writeLayers } from './write/write-layers.ts';

export type MaterialiseOptions = {
  /** The operation, for the record of damage. */
  readonly by: DamageFinder;
  /** Begin to sync while the file is written: the caller waits for the rest of it. */
  readonly durable?: boolean;
  readonly onProgress?: Progress | undefined;
  readonly signal?: AbortSignal | undefined;
};

const SYNC_EVERY_BYTES = 64 * 2 ** 20;

/** Writes the snapshot of the chain's last backup to `path`, which must not exist. */
export async function materialise(
  context: Context,
  chain: readonly Manifest[],
  path: string,
  options: MaterialiseOptions,
): Promise<void> {
  await using file = await open(path, 'wx+', 0o600);
  await writeSnapshot(context, chain, file, options);
}

/**
 * Writes the snapshot of the chain's last backup to an empty file that is open for reading, too.
 * The file is not yet durable: the caller syncs it, or removes it. Throws `backup_damaged` unless
 * it is byte for byte the snapshot.
 */
export async function writeSnapshot(
  context: Context,
  chain: readonly Manifest[],
  file: FileHandle,
  options: MaterialiseOptions,
): Promise<void> {
  try {
    await writeAndDigest(context, chain, file, options);
  } catch (error) {
    await recordDamage(context, chain, options.by, error);
    throw error;
  }
}

async function writeAndDigest(
  context: Context,
  chain: readonly Manifest[],
  file: FileHandle,
  { durable, onProgress, signal }: MaterialiseOptions,
): Promise<void> {
  const last = lastOf(chain);
  const layers = chain.map((manifest) => storedLayer(context, manifest));
  await using digest = digestBeside(file.fd, last.size);
  await using syncing = syncBeside(file, durable === true);
  for await (const complete of writeLayers(file.fd, layers, last)) {
    signal?.throwIfAborted();
    digest.readTo(complete);
    syncing.upTo(complete);
    onProgress?.('restore', complete, last.size);
  }
  // A failure of the disk comes first: what it lost would look like damage of the backup.
  await abortable(syncing.finish(), signal);
  const sum = await abortable(digest.finish(), signal);
  if (sum !== last.sha256) await blameForDigest(context, chain, signal);
}

/**
 * Throws `backup_damaged` when the stored data gives another snapshot, too. Otherwise the file did
 * not keep what was written to it, which says nothing about the backup.
 */
async function blameForDigest(
  context: Context,
  chain: readonly Manifest[],
  signal: AbortSignal | undefined,
): Promise<never> {
  for await (const _ of readSnapshot(context, chain, signal));
  throw new LifeboatError(
    'internal',
    'the restored file does not contain what Lifeboat wrote to it; the backup itself is sound',
    'Check the disk and the memory of this machine, and restore to another disk.',
  );
}

/**
 * Has the disk work while the rest of the file is written, so that little is left to wait for at
 * the end.
 */
function syncBeside(file: FileHandle, isWanted: boolean) {
  let syncedTo = 0;
  let [running, isRunning] = [Promise.resolve(), false];
  let failure: { readonly error: unknown } | undefined;
  return {
    upTo: (complete: number): void => {
      if (failure) throw failure.error;
      if (!isWanted || isRunning || complete - syncedTo < SYNC_EVERY_BYTES) return;
      [syncedTo, isRunning] = [complete, true];
      // After a failure no other begins: the system reports it once, and the next would succeed.
      running = file.datasync().then(() => void (isRunning = false));
      running.catch((error: unknown) => (failure = { error }));
    },
    finish: (): Promise<void> => running,
    /** The file may be closed only when no sync of it runs. */
    [Symbol.asyncDispose]: (): Promise<void> => running.catch(() => undefined),
  };
}

/** Damage is recorded for the backup whose data is damaged, so that no backup builds on it. */
async function recordDamage(
  context: Context,
  chain: readonly Manifest[],
  by: DamageFinder,
  error: unknown,
): Promise<void> {
  const last = chain.at(-1);
  if (!last || !(error instanceof LifeboatError) || error.code !== 'backup_damaged') return;
  const { backup = last.id } = error.facts;
  const examination = { problems: [error.message], restores: false, decoded: true };
  await recordExaminations(context, last.database, by, [{ ...examination, id: String(backup) }]);
}
