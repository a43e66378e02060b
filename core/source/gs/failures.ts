import { isMissingBucket } from '../../google/storage/errors.ts';
import { interrupted, LifeboatError, toLifeboatError } from '../../lib/errors.ts';

/** What a failure of the bucket means for a source. `not_found` and local failures stay. */
export function gsSourceFailure(error: unknown, url: string): LifeboatError {
  const failure = toLifeboatError(error);
  const { code, message, hint, facts } = failure;
  const translated = (newCode: typeof code, newMessage: string, newHint: string) =>
    new LifeboatError(newCode, newMessage, newHint, { cause: error });
  if (code === 'interrupted') return interrupted(error, 'the pull');
  if (isMissingBucket(failure))
    return translated(
      'config_invalid',
      message,
      facts['likely'] === undefined ? 'Check the address of the source.' : hint,
    );
  if (code === 'store_denied') return translated('source_unreachable', message, hint);
  if (code === 'store_unreachable')
    return translated('source_unreachable', `${url} cannot be read: ${message}`, hint);
  if (code === 'backup_damaged')
    return translated(
      'source_unreachable',
      `${url} arrived twice with a different checksum than Google reports`,
      'Something between this machine and the bucket alters the data. Run the backup again from another network.',
    );
  return failure;
}
