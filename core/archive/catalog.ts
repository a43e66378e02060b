import { mapConcurrent } from '../concurrent.ts';
import { LifeboatError, toLifeboatError } from '../errors.ts';
import { chainOf } from '../policy/chain.ts';
import { heldIds } from '../policy/retention.ts';
import type { Store, StoredObject } from '../store/store.ts';
import type { Keys } from './keys.ts';
import { BACKUP_ID, backupPrefix, decodeManifest, encodeManifest, type Content, type Manifest } from './manifest.ts';

const DAY = 86_400_000;
/** How many manifests are read at once: over a network each takes a round trip. */
const READERS = 16;
export type Listing = {
  readonly manifests: readonly Manifest[];
  /** Manifests that are there but cannot be read; newest last. */
  readonly damaged: readonly { readonly id: string; readonly error: LifeboatError }[];
  readonly objects: ReadonlyMap<string, StoredObject>;
};

export const manifestKey = (database: string, id: string): string => `${backupPrefix(database, id)}manifest.json`;

const readAll = async (body: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts);
};

/** The manifests of a database over a store. Owns the order in which a backup becomes visible (docs/format.md). */
export const createCatalog = (store: Store, { key, olderKeys }: Pick<Keys, 'key' | 'olderKeys'>, now: () => Date) => {
  const keys = [...(key ? [key] : []), ...olderKeys];
  const read = async (database: string, id: string): Promise<Manifest | undefined> => {
    try {
      return decodeManifest(await readAll(store.read(manifestKey(database, id))), database, id, keys);
    } catch (error) {
      if (error instanceof LifeboatError && error.code === 'not_found') return undefined;
      throw error;
    }
  };

  // A committed manifest never changes, so what was read of a generation is not read again. Per database, and as long as it is listed.
  const known = new Map<string, ReadonlyMap<string, Manifest>>();

  /** Everything that has not expired; what is held does not. */
  const list = async (database: string): Promise<Listing> => {
    const objects = new Map<string, StoredObject>();
    for await (const object of store.list(`databases/${database}/`)) objects.set(object.key, object);
    const at = now();
    const before = known.get(database);
    const after = new Map<string, Manifest>();
    const wanted = [...objects.values()].flatMap((object) => {
      const [, , id = '', name] = object.key.split('/');
      if (name !== 'manifest.json' || !BACKUP_ID.test(id)) return [];
      return object.held || !object.expires || object.expires > at ? [{ id, version: `${object.key}#${object.generation}` }] : [];
    });
    const manifests: Manifest[] = [];
    const damaged: { id: string; error: LifeboatError }[] = [];
    const found = await mapConcurrent(wanted, READERS, async ({ id, version }) => {
      try {
        const manifest = before?.get(version) ?? (await read(database, id));
        if (manifest) after.set(version, manifest);
        return { id, manifest };
      } catch (error) {
        const fault = toLifeboatError(error);
        if (fault.code !== 'backup_damaged' && fault.code !== 'backup_forged') throw fault;
        return { id, error: fault };
      }
    });
    for (const each of found) {
      if (each.error) damaged.push({ id: each.id, error: each.error });
      else if (each.manifest) manifests.push(each.manifest);
    }
    known.set(database, after);
    return { manifests, damaged, objects };
  };

  /** Makes the ancestors live at least as long as a child that is about to be committed. */
  const extendChain = async (chain: readonly Manifest[], expires: Date): Promise<void> => {
    for (const { database, id, objects } of chain) {
      // The manifest first: prune deletes manifests before objects, so this fails while there is still a way back to a full backup.
      await store.extend(manifestKey(database, id), expires);
      for (const object of objects) await store.extend(object.key, new Date(expires.getTime() + 3 * DAY));
    }
  };

  /** The commit. False when this id exists already. */
  const commit = async (manifest: Content): Promise<boolean> => {
    const expires = new Date(manifest.expires);
    for (const object of manifest.objects) await store.extend(object.key, new Date(expires.getTime() + 3 * DAY));
    return (await store.create(manifestKey(manifest.database, manifest.id), encodeManifest(manifest, key), { expires })) !== undefined;
  };

  const keysOf = ({ database, id, objects }: Manifest): string[] => [manifestKey(database, id), ...objects.map((object) => object.key)];

  /** Holds the newest two verified backups with their chains; then releases what this very listing shows as superseded. */
  const reconcileHolds = async (database: string, dailyDays: number): Promise<void> => {
    const { manifests, objects } = await list(database);
    const held = heldIds(manifests);
    const [wanted, superseded] = [manifests.filter(({ id }) => held.has(id)), manifests.filter(({ id }) => !held.has(id))];
    for (const key of wanted.flatMap(keysOf)) if (objects.get(key)?.held === false) await store.hold(key, true);
    for (const key of superseded.flatMap(keysOf)) {
      if (objects.get(key)?.held !== true) continue;
      await store.extend(key, new Date(now().getTime() + dailyDays * DAY));
      await store.hold(key, false);
    }
  };

  /** The chain of a backup, from its base. Throws `backup_damaged` when an ancestor is missing or damaged. */
  const chain = (listing: Listing, backup: Manifest): Manifest[] => {
    const found = chainOf(listing.manifests, backup);
    if (found) return found;
    throw new LifeboatError(
      'backup_damaged',
      `an ancestor of ${backup.database}/${backup.id} is missing or damaged`,
      'Restore a full backup with --at; `lifeboat list` shows the kinds.',
    );
  };

  return { read, list, extendChain, commit, reconcileHolds, chain, keysOf };
};

export type Catalog = ReturnType<typeof createCatalog>;
