import { createHash } from 'node:crypto';
import { commit } from '../../core/backup/commit.ts';
import { planBackup, type Plan } from '../../core/backup/plan.ts';
import { judge } from '../../core/backup/verdict.ts';
import { leftoverExpiry, type Taken } from '../../core/backup/write.ts';
import { createCatalog, type Catalog } from '../../core/catalog/catalog.ts';
import { putObject } from '../../core/catalog/objects.ts';
import { parseConfig, type DatabaseConfig } from '../../core/config/load.ts';
import type { Retention } from '../../core/config/types.ts';
import type { Context } from '../../core/context.ts';
import type { Manifest } from '../../core/format/manifest.ts';
import { once } from '../../core/lib/bytes/bytes.ts';
import { backupId, type BackupRequest } from '../../core/runs/request.ts';
import type { Store } from '../../core/store/store.ts';

export const DAY = 86_400_000;
export const DATABASE = 'shop';
const PAGE = 4096;
const SOURCE = 'file:/shop.db';
const CONFIG = parseConfig(`databases: { ${DATABASE}: { source: shop.db } }`, '/').databases[
  DATABASE
] as DatabaseConfig;
const INSPECTION = {
  verdict: 'ok',
  checks: [],
  engines: [],
  tables: {},
  schema: null,
  migrations: [],
} as unknown as Manifest['inspection'];

export type Settings = { readonly retention: Retention; readonly timeZone: string };
export type SimulatedRequest = Pick<BackupRequest, 'key' | 'requestedAt'> &
  Partial<Pick<BackupRequest, 'kind' | 'reason'>>;
/** Where and when a simulated backup runs; `attempt` names its objects. */
export type Site = {
  readonly store: Store;
  readonly now: () => Date;
  readonly attempt: string;
  readonly catalog?: Catalog;
};

/**
 * A backup without SQLite: the real plan, verdict and commit over a snapshot of one page that nobody
 * reads. Returns the id of the new backup, or of the one that an earlier run with this request made.
 */
export async function simulateBackup(
  { store, now, attempt, catalog = createCatalog(store, { olderKeys: [] }, now) }: Site,
  { retention, timeZone }: Settings,
  { key, requestedAt, kind = 'auto', reason = 'schedule' }: SimulatedRequest,
): Promise<string> {
  const keys = { olderKeys: [] };
  const log = () => undefined;
  const context = { store, catalog, now, keys, log, tool: 'simulation' } as unknown as Context;
  const database = { ...CONFIG, retention, timeZone, fullEveryMs: 7 * DAY };
  const id = backupId(requestedAt, key);
  if (await catalog.read(DATABASE, id)) {
    await catalog.reconcileHolds(DATABASE, retention.daily);
    return id;
  }
  const request = { key, requestedAt, kind, reason };
  const listing = await catalog.list(DATABASE);
  const plan = planBackup(context, listing, { id, database, request, source: SOURCE });
  const taken = await takeSimulated(context, plan, attempt);
  await commit(context, plan, taken, judge(plan, taken));
  return id;
}

async function takeSimulated(
  context: Context,
  { id, parent, chain }: Plan,
  attempt: string,
): Promise<Taken> {
  const prefix = `databases/${DATABASE}/${id}/${attempt}/`;
  const takenAt = context.now();
  const put = (role: 'data' | 'fingerprints', name: string) => {
    const body = once(hash(`${id} ${name}`).subarray(0, 16));
    const expires = leftoverExpiry(context);
    return putObject(context.store, { role, key: `${prefix}${name}`, expires }, body);
  };
  const data = await put('data', parent ? 'pages.zst' : 'database.sqlite3.zst');
  return {
    parent,
    chain,
    runs: parent ? [[1, 1]] : [],
    objects: [data, await put('fingerprints', 'fingerprints')],
    sha256: hash(id).toString('hex'),
    pageSize: PAGE,
    fingerprinting: parent?.chain ?? { salt: hash(id).toString('hex').slice(0, 32), keyed: false },
    takenAt,
    version: undefined,
    size: PAGE,
    health: [],
    inspection: INSPECTION,
    snapshot: { path: '', holds: () => true, size: PAGE, takenAt, method: 'pulled' },
    attempt: prefix,
  };
}

/** The faults of a catalog: each entry must have all of its data, and so must every ancestor. */
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
