import type { Context } from '../context.ts';
import type { Manifest } from '../format/manifest.ts';
import { LifeboatError } from '../lib/errors.ts';
import { ENGLISH, formatSize } from '../lib/text/format.ts';

/**
 * Throws `insufficient_space` when a folder cannot take the snapshot of a backup, before anything is
 * read: the manifest may be planted, and the disk that of a live application.
 */
export async function requireSpace(
  { space }: Context,
  { database, size, what = 'the backup' }: Pick<Manifest, 'database' | 'size'> & { what?: string },
  { folder, hint }: { readonly folder: string; readonly hint: string },
): Promise<void> {
  const free = await space.free(folder);
  if (free === undefined || free >= size) return;
  const [needed, available] = [size, free].map((bytes) => formatSize(ENGLISH, bytes));
  throw new LifeboatError(
    'insufficient_space',
    `${what} of ${database} needs ${needed} in ${folder}, but only ${available} are free`,
    hint,
    { facts: { needed: size, available: free } },
  );
}
