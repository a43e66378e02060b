import { expect, test } from 'vitest';
import { summaryFacts, withoutOlderBackups } from '../../core/state/facts.ts';
import { writeOverviewBundle } from '../../core/state/overview-bundle.ts';
import { listSummaries } from '../../core/state/state.ts';
import { serveFunctions } from '../support/functions.ts';
import { gcsServer, gcsStore } from '../support/gcs.ts';
import { nightly, putSummaries } from '../support/summaries.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
const DATABASES = 5000;

test(`the status of ${DATABASES} databases takes a few requests and at most 1 MiB`, async () => {
  const server = await gcsServer();
  const states = new Map(
    Array.from({ length: DATABASES }, (_, n) => {
      // One that the configuration has; the pages show the first of the others.
      const name = n === 0 ? 'notes' : `db-${String(n).padStart(4, '0')}`;
      const size = n < 200 ? { backups: 37, runs: 90 } : { backups: 1, runs: 1 };
      return [name, nightly(name, NOW, size)];
    }),
  );
  await putSummaries(server, [...states.values()]);
  const tuning = { totalMs: 60_000, idleMs: 60_000 };
  const watch = gcsStore(server.as('watch'), { tuning });
  const entries = [...(await listSummaries({ store: watch }))].map(([database, generation]) => {
    const state = states.get(database) ?? nightly(database, NOW);
    return { database, generation, facts: withoutOlderBackups(summaryFacts(state), NOW) };
  });
  expect(await writeOverviewBundle(watch, entries, undefined)).toBe(true);
  const { state: url } = await serveFunctions({
    deadlineMs: 300_000,
    overrides: { store: gcsStore(server.as('status'), { tuning }), now: () => NOW },
  });
  await fetch(`${url}/databases/db-0001`);
  const paths: Readonly<Record<string, number>> = {
    '/?format=html': 50,
    '/?limit=100': 100,
    '/?limit=1000&runs=0': 0,
    '/metrics': 0,
  };
  for (const [path, summaries] of Object.entries(paths)) {
    server.reset();
    const began = performance.now();
    const response = await fetch(`${url}${path}`, { headers: { 'accept-encoding': 'gzip' } });
    const bytes = Number(response.headers.get('content-length'));
    await response.arrayBuffer();
    const seconds = ((performance.now() - began) / 1000).toFixed(2);
    console.log(`${path}: ${seconds} s, ${bytes} bytes`);
    const count = (kind: string) => server.calls.filter((call) => call.kind === kind).length;
    // Six pages: 5,000 summaries and the bundle.
    expect({ path, lists: count('list'), reads: count('download') }).toEqual({
      path,
      lists: 6,
      reads: 1 + summaries,
    });
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(bytes).toBeLessThanOrEqual(2 ** 20);
  }
}, 600_000);
