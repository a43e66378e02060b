import { createHash } from 'node:crypto';
import { createCatalog, type Catalog } from '../../core/catalog/catalog.ts';
import type { Manifest } from '../../core/format/manifest.ts';
import { putObject } from '../../core/catalog/objects.ts';
import type { DatabaseConfig } from '../../core/config/load.ts';
import { commit } from '../../core/backup/commit.ts';
import type { Context } from '../../core/context.ts';
import { backupId, type BackupRequest } from '../../core/runs/request.ts';
import { once } from '../../core/lib/bytes.ts';
import { leftoverExpiry, wholeBackups } from '../../core/backup/write.ts';
import { chooseParent } from '../../core/catalog/chain.ts';
import { takeSlots } from '../../core/catalog/retention.ts';
import type { Store } from '../../core/store/store.ts';
import type { Retention } from '../../core/config/types.ts';

export const DAY = 86_400_000;
export const DATABASE = 'shop';
const PAGE = 4096;
const INSPECTION = {
  verdict: 'ok',
  checks: [],
  engines: [],
  tables: {},
  schema: null,
  migrations: [],
} as unknown as Manifest['inspection'];

export type Settings = { readonly retention: Retention; readonly timeZone: string };
export type Asked = Pick<BackupRequest, 'key' | 'requestedAt'> &
  Partial<Pick<BackupRequest, 'kind' | 'reason'>>;

/**
 * A backup without SQLite: the order of writes, the catalog and the policies are the real ones, the snapshot is a page that nobody reads.
 * The id of what it made, or of what was there.
 */
export async function simulateBackup(
  store: Store,
  now: () => Date,
  { retention, timeZone }: Settings,
  { key, requestedAt, kind = 'auto', reason = 'schedule' }: Asked,
  attempt: string,
  catalog: Catalog = createCatalog(store, { olderKeys: [] }, now),
): Promise<string> {
  const context = { store, catalog, now, tool: 'simulation' } as unknown as Context;
  const database = {
    name: DATABASE,
    retention,
    timeZone,
    recipients: [],
  } as unknown as DatabaseConfig;
  const id = backupId(requestedAt, key);
  if (await catalog.read(DATABASE, id)) {
    await catalog.reconcileHolds(DATABASE, retention.daily);
    return id;
  }
  const takenAt = now();
  const whole = await wholeBackups(context, DATABASE);
  const parent = chooseParent(whole.manifests, {
    kind,
    now: takenAt,
    fullEveryMs: 7 * DAY,
    pageSize: PAGE,
    recipients: [],
    keyed: false,
    longSlot: takeSlots(whole.manifests, takenAt, reason, retention, timeZone).length > 1,
  });
  const prefix = `databases/${DATABASE}/${id}/${attempt}/`;
  const put = (role: 'data' | 'fingerprints', name: string) =>
    putObject(
      store,
      role,
      `${prefix}${name}`,
      once(hash(`${id} ${name}`)),
      leftoverExpiry(context),
    );
  const objects = [
    await put('data', parent ? 'pages.zst' : 'database.sqlite3.zst'),
    await put('fingerprints', 'fingerprints'),
  ];
  const salt = parent ? Buffer.from(parent.chain.salt, 'hex') : hash(id).subarray(0, 16);
  const shared = { objects, sha256: hash(id).toString('hex'), pageSize: PAGE, salt, keyed: false };
  const request: BackupRequest = { key, requestedAt, kind, reason };
  await commit(
    { context, database, request, id, attempt },
    { url: 'file:/shop.db', version: undefined, takenAt, size: PAGE },
    INSPECTION,
    parent
      ? { ...shared, parent, chain: catalog.chain(whole, parent), runs: [[1, 1]] }
      : { ...shared, parent: undefined, chain: [], runs: [] },
  );
  return id;
}

/** What is wrong with a catalog: each entry must have its data, all of it, and so must every ancestor. */
export async function faultsOf(catalog: Catalog): Promise<string[]> {
  const listing = await catalog.list(DATABASE);
  const { manifests, objects, damaged } = listing;
  return [
    ...damaged.map(({ id, error }) => `${id}: ${error.message}`),
    ...manifests.flatMap((manifest) => {
      const missing = manifest.objects
        .filter(({ key, size }) => objects.get(key)?.size !== size)
        .map(({ key }) => `${key} is missing`);
      try {
        catalog.chain(listing, manifest);
        return missing;
      } catch (error) {
        return [...missing, String(error)];
      }
    }),
  ];
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
