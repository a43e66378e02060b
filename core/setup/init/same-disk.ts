import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseSourceAddress, sourceKind } from '../../config/source-address.ts';
import { parseStoreAddress } from '../../config/store-address.ts';

type NamedSource = { readonly name: string; readonly source: string };

/**
 * The databases whose files are on the disk of the store, which need not exist yet: one failure
 * takes both. None for a bucket, and for what cannot be examined. Paths are relative to `folder`.
 */
export async function databasesOnStoreDisk(
  store: string,
  databases: readonly NamedSource[],
  folder: string,
): Promise<string[]> {
  const place = parseStoreAddress(store, folder);
  const disk = place.kind === 'directory' ? await diskOf(place.path) : undefined;
  const names: string[] = [];
  for (const { name, source } of databases) {
    if (disk === undefined || sourceKind(source) !== 'file') continue;
    const { source: path } = parseSourceAddress(source, folder, {});
    if ((await deviceOf(path)) === disk) names.push(name);
  }
  return names;
}

/** The disk of a folder, or of the nearest one above it that exists. */
async function diskOf(path: string): Promise<number | undefined> {
  const device = await deviceOf(path);
  return device !== undefined || dirname(path) === path ? device : diskOf(dirname(path));
}

function deviceOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ dev }) => dev,
    () => undefined,
  );
}
