import { describe, expect, test } from 'vitest';
import type { Context } from '../../core/context.ts';
import { OVERVIEW_BUNDLE_KEY } from '../../core/state/overview-bundle.ts';
import { saveOverviewBundle } from '../../core/state/overview-facts.ts';
import type { Store } from '../../core/store/store.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { serveFunctions } from '../support/functions.ts';
import { nightly } from '../support/summaries.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
const NAMES = Array.from({ length: 120 }, (_, n) => `db${String(n).padStart(3, '0')}`);

/** The function over 120 summaries, one of which ends with a failure; `reads` are its requests. */
async function world() {
  const memory = createMemoryStore();
  for (const [n, name] of NAMES.entries()) {
    const state = nightly(name, new Date(NOW.getTime() - n * 3_600_000), { backups: 3, runs: 4 });
    const error = { at: NOW.toISOString(), code: 'source_busy', message: name, hint: 'Wait.' };
    const runs = state.runs.map((run, at) =>
      n === 70 && at === 3 ? { ...run, ok: false, error } : run,
    );
    const lastFailure = n === 70 ? error : null;
    const text = JSON.stringify({ ...state, runs, lastFailure });
    await memory.replace(`state/${name}.json`, Buffer.from(text), undefined);
  }
  const reads: string[] = [];
  const store: Store = {
    ...memory,
    read: (key) => {
      reads.push(key);
      return memory.read(key);
    },
  };
  const context = { store: memory, now: () => NOW, log: () => undefined } as unknown as Context;
  const { state } = await serveFunctions({ overrides: { store, now: () => NOW } });
  const load = async (path: string) => {
    reads.length = 0;
    const response = await fetch(`${state}${path}`);
    expect(response.status).toBe(200);
    return { body: await response.text(), etag: response.headers.get('etag'), reads: [...reads] };
  };
  return { load, save: () => saveOverviewBundle(context, 60_000) };
}

describe('the function status, over a bundle of the overview', () => {
  test('responds as without one, and reads the summaries of those databases whose runs it shows', async () => {
    const { load, save } = await world();
    const paths: Readonly<Record<string, number>> = {
      // One of the fifty has no summary.
      '/?format=html': 49,
      '/?format=html&page=3': 21,
      '/?format=html&state=failing': 1,
      '/?format=html&filter=%20DB01%20': 10,
      '/?format=html&view=wall': 0,
      '/?limit=10&page=2': 10,
      '/?limit=10&page=99': 0,
      '/?limit=10&runs=2': 10,
      '/?limit=1000&runs=0': 0,
      '/?runs=0': 0,
      '/?state=failing&limit=5': 1,
      '/metrics': 0,
    };
    const without = new Map<string, Awaited<ReturnType<typeof load>>>();
    for (const path of Object.keys(paths)) without.set(path, await load(path));
    await save();
    for (const [path, summaries] of Object.entries(paths)) {
      const { body, reads } = await load(path);
      expect([path, reads.filter((key) => key !== OVERVIEW_BUNDLE_KEY).length]).toEqual([
        path,
        summaries,
      ]);
      expect(body).toBe(without.get(path)?.body);
    }
  });

  test('has an ETag that changes with what the page shows', async () => {
    const { load, save } = await world();
    await save();
    const { etag } = await load('/?format=html');
    expect((await load('/?format=html')).etag).toBe(etag);
    expect((await load('/?format=html&page=2')).etag).not.toBe(etag);
  });

  test('reads every summary for the runs of every database', async () => {
    const { load, save } = await world();
    await save();
    expect((await load('/')).reads).toHaveLength(NAMES.length);
  });
});
