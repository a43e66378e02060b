import type { FileHandle } from 'node:fs/promises';
import { getObject, putObject } from '../catalog/objects.ts';
import type { Context } from '../context.ts';
import type { Manifest, ManifestObject } from '../format/manifest.ts';
import { LifeboatError } from '../lib/errors.ts';
import { filePieces } from '../lib/files/file-pieces.ts';
import { writeAll } from '../lib/files/files.ts';
import { recordExaminations } from '../state/damage.ts';
import { withSignal } from '../store/with-signal.ts';

type NewPrints = {
  readonly key: string;
  readonly expires: Date;
  /** Of what was written to the file. */
  readonly sha256: string;
  readonly signal: AbortSignal;
};

const PRINTS_PIECE_BYTES = 2 ** 18;

/**
 * Writes the fingerprints of a backup to a file; returns whether it has them. Fingerprints that are
 * missing or damaged cost space, not safety: the next backup is then full.
 */
export async function fetchPrints(
  context: Context,
  parent: Manifest,
  file: FileHandle,
  signal: AbortSignal,
): Promise<boolean> {
  const { store, log } = context;
  const object = parent.objects.find(({ role }) => role === 'fingerprints');
  if (!object) return false;
  try {
    let position = 0;
    for await (const chunk of getObject(withSignal(store, signal), object)) {
      await writeAll(file, chunk, position);
      position += chunk.length;
    }
    return true;
  } catch (error) {
    if (!(error instanceof LifeboatError) || error.code !== 'backup_damaged') throw error;
    log('WARNING', `fingerprints of ${parent.id} cannot be used: ${error.message}`, {
      event: 'unreadable',
      database: parent.database,
      backup: parent.id,
      code: error.code,
    });
    await recordExaminations(context, parent.database, 'backup', [
      { id: parent.id, problems: [error.message], restores: true, decoded: false },
    ]);
    return false;
  }
}

/** Stores the fingerprints in a file. Throws when it does not return what was written to it. */
export async function storePrints(
  { store }: Context,
  file: FileHandle,
  { key, expires, sha256, signal }: NewPrints,
): Promise<ManifestObject> {
  const object = await putObject(
    withSignal(store, signal),
    { role: 'fingerprints', key, expires },
    filePieces(file, PRINTS_PIECE_BYTES),
  );
  if (object.sha256 !== sha256)
    throw new LifeboatError(
      'internal',
      'a temporary file does not contain what Lifeboat wrote to it',
      'Check the disk and the memory of this machine, or set TMPDIR to another folder.',
    );
  return object;
}
