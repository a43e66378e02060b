import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createCatalog } from '../../core/catalog/catalog.ts';
import { saveManifestBundle } from '../../core/catalog/manifest-bundle.ts';
import type { Manifest } from '../../core/format/manifest.ts';
import { BACKUP, testApp } from '../support/app.ts';
import { sql, SMALL } from '../support/databases.ts';
import { folder } from '../support/files.ts';
import { gcsServer, gcsStore } from '../support/gcs.ts';
import { addOlderBackups } from '../support/older-backups.ts';

test('an increment lists the catalog three times and makes 21 more requests, however many backups are kept', async () => {
  const cwd = folder();
  writeFileSync(join(cwd, 'lifeboat.yaml'), 'databases: { notes: { source: notes.db } }\n');
  const server = await gcsServer();
  // With the timeouts of production, because a retry would count.
  const newStore = () => gcsStore(server.url, { tuning: {} });
  // An app of its own each time, which has no manifest in its memory.
  const open = () => testApp({ cwd, configuredOnly: true, overrides: { store: newStore() } });
  const change = () =>
    sql(join(cwd, 'notes.db'), 'update notes set body = hex(randomblob(9)) where id = 200');
  sql(join(cwd, 'notes.db'), SMALL);
  await (await open()).backup('notes', BACKUP);
  const store = newStore();
  const catalog = createCatalog(store, { olderKeys: [] }, () => new Date());
  const [first] = (await catalog.list('notes')).manifests;
  await addOlderBackups(store, first as Manifest, 6);
  await saveManifestBundle(
    { store, log: () => undefined },
    'notes',
    await catalog.list('notes'),
    undefined,
  );
  change();
  server.reset();
  const { kind } = await (await open()).backup('notes', BACKUP);
  const listings = server.calls.filter((call) => call.kind === 'list').map(({ name }) => name);
  expect(kind).toBe('incremental');
  expect(listings).toEqual([...Array<string>(3).fill('databases/notes/'), 'runs/notes/']);
  const others = server.calls.length - listings.length;
  // The base is kept for longer than the increment; other ancestors take three requests each.
  expect(others).toBe(21);
});
