import type { Manifest } from '../format/manifest.ts';
import { LifeboatError } from '../lib/errors.ts';
import { checkFileHeader, checkStructure } from '../sqlite/inspect.ts';
import type { Check } from '../sqlite/types.ts';

/** What a restore checks beside the SHA-256: nothing, `quick_check`, or `integrity_check`. */
export const RESTORE_CHECKS = ['digest', 'quick', 'full'] as const;
export type RestoreCheck = (typeof RESTORE_CHECKS)[number];

const CHECK_TIMEOUT_MS = 1_800_000;

/**
 * Checks a restored file whose SHA-256 is already known to be that of the backup's snapshot. The
 * digest alone says nothing new about a backup that was not found sound, so such a one always gets
 * a structural check, too. Throws `backup_damaged` when a check fails, except for a salvage copy.
 */
export async function checkRestored(
  path: string,
  backup: Manifest,
  check: RestoreCheck,
  signal: AbortSignal | undefined,
): Promise<Check[]> {
  const isSound = !backup.salvage && backup.inspection.verdict === 'ok';
  const depth = check === 'digest' && !isSound ? 'quick' : check;
  const structure =
    depth === 'digest'
      ? [await checkFileHeader(path)]
      : await checkStructure(path, depth, { timeoutMs: CHECK_TIMEOUT_MS, signal });
  const detail = `SHA-256 ${backup.sha256}`;
  const checks: Check[] = [{ name: 'digest', result: 'ok', detail }, ...structure];
  if (!backup.salvage) refuseFailed(checks);
  return checks;
}

function refuseFailed(checks: readonly Check[]): void {
  const failure = checks.find(({ result }) => result === 'failed');
  if (failure)
    throw new LifeboatError(
      'backup_damaged',
      `the restored database fails its check: ${failure.name}`,
      'Restore another backup with --at: `lifeboat list` shows them.',
      { facts: { check: failure.name } },
    );
}
