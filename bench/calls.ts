import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openApp } from '../core/app/open.ts';
import { createCatalog } from '../core/catalog/catalog.ts';
import { saveManifestBundle } from '../core/catalog/manifest-bundle.ts';
import { openStorage } from '../core/google/storage/client.ts';
import { createGcsStore } from '../core/google/storage/store.ts';
import { startGcsServer } from '../test/fakes/gcs-server/server.ts';
import { addOlderBackups } from '../test/support/older-backups.ts';
import { startByteCounter } from './fleet/proxy.ts';
import { changeSmallDatabase, createSmallDatabase } from './fleet/small-database.ts';

const BUCKET = 'calls-bucket';
const BACKUP = { kind: 'auto', reason: 'schedule' } as const;

export type StoreCalls = {
  readonly kept: number;
  readonly listings: number;
  readonly others: number;
  readonly sent: number;
  readonly received: number;
};

/**
 * The requests and bytes of the first increment on a full backup, in a new process, while the fake
 * bucket keeps so many backups.
 */
export async function countStoreCalls(folder: string, kept: number): Promise<StoreCalls> {
  const server = await startGcsServer({ buckets: { [BUCKET]: {} } });
  const counter = await startByteCounter(Number(new URL(server.url).port));
  try {
    const path = join(folder, 'notes.db');
    createSmallDatabase(path);
    writeFileSync(join(folder, 'lifeboat.yaml'), 'databases: { notes: { source: notes.db } }\n');
    const store = storeAt(server.url);
    const back = async (endpoint: string): Promise<void> => {
      const env = { TMPDIR: folder };
      const app = await openApp({ cwd: folder, env, overrides: { store: storeAt(endpoint) } });
      await app.backup('notes', BACKUP);
    };
    await back(server.url);
    const catalog = createCatalog(store, { olderKeys: [] }, () => new Date());
    const [first] = (await catalog.list('notes')).manifests;
    if (first) await addOlderBackups(store, first, kept - 1);
    const log = (): void => undefined;
    await saveManifestBundle({ store, log }, 'notes', await catalog.list('notes'), undefined);
    changeSmallDatabase(path);
    server.reset();
    await back(`http://127.0.0.1:${counter.port}`);
    const listings = server.calls.filter(({ kind }) => kind === 'list').length;
    return { kept, listings, others: server.calls.length - listings, ...counter.bytes };
  } finally {
    counter.close();
    await server.close();
  }
}

export function callsLine({ kept, listings, others, sent, received }: StoreCalls): string {
  const [up, down] = [sent, received].map((bytes) => `${Math.round(bytes / 1024)} KiB`);
  return `increment of a small database with ${kept} kept backups in the fake bucket: ${listings} pages of listings and ${others} other requests, ${up} sent, ${down} received`;
}

function storeAt(endpoint: string) {
  return createGcsStore({ bucket: BUCKET, prefix: '', clients: () => openStorage({ endpoint }) });
}
