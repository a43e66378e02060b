import type { Copy } from '../catalog/catalog.ts';
import type { Config, DatabaseConfig } from '../config/load.ts';
import { toLifeboatError } from '../lib/errors.ts';
import {
  alarm,
  freshVerdict,
  inspectionVerdict,
  ok,
  restoreTestVerdict,
  salvageVerdict,
  type WatchVerdict,
} from './verdicts.ts';
import { copyVerdict, holdsVerdict, objectsVerdict, type CatalogFacts } from './catalog.ts';
import type { Context } from '../context.ts';
import { isLost, openRuns } from '../state/records.ts';
import { readState, rebuildState } from '../state/state.ts';
import type { Listing } from '../catalog/listing.ts';
import type { RunStart } from '../documents/run.ts';

export type Watched = {
  readonly verdicts: readonly WatchVerdict[];
  readonly lost: readonly RunStart[];
};

/** Everything the watch has to say of one database. Writes nothing. Throws what the store throws. */
export async function watchDatabase(
  context: Context,
  config: Config,
  { name, schedule, timeZone }: DatabaseConfig,
): Promise<Watched> {
  const { catalog, store, now } = context;
  // The runs first: one that ends in between has brought the catalog up to date.
  const open = await openRuns(store, name);
  const listing = await catalog.list(name);
  const at = now();
  const lost = open.filter((started) => isLost(started, at));
  const busy = open.some((started) => started.operation === 'backup' && !lost.includes(started));
  const known = (await readState(context, name)) ?? (await rebuildState(context, name));
  const { manifests, objects } = listing;
  const facts: CatalogFacts = {
    name,
    manifests,
    objects,
    busy,
    damaged: listing.damaged.map(({ id, error }) => ({ id, message: error.message })),
  };
  const copies: WatchVerdict[] = [];
  for (const copy of context.copies)
    copies.push(copyVerdict(name, copy.store.url, await lacking(copy, name, listing), busy));
  return {
    lost,
    verdicts: [
      freshVerdict({ name, schedule, timeZone }, manifests, at, config.watch.graceMs),
      ...lostVerdicts(name, lost),
      ...inspectionVerdict(name, manifests),
      ...salvageVerdict(name, manifests),
      ...restoreTestVerdict(
        name,
        manifests,
        { ...config.restoreTest, last: known.lastRestoreTest },
        at,
      ),
      ...holdsVerdict(facts),
      ...objectsVerdict(facts),
      ...copies,
    ],
  };
}

/** How many backups of ours a copy lacks. */
async function lacking(to: Copy, name: string, ours: Listing): Promise<number | { error: string }> {
  try {
    const { manifests } = await to.catalog.list(name);
    const theirs = new Set(manifests.map(({ id }) => id));
    return ours.manifests.filter(({ id }) => !theirs.has(id)).length;
  } catch (error) {
    return { error: toLifeboatError(error).message };
  }
}

function lostVerdicts(name: string, lost: readonly RunStart[]): WatchVerdict[] {
  return lost.length === 0
    ? [ok(name, 'runs', 'every run ended')]
    : lost.map(({ run, operation, startedAt }) =>
        alarm(
          name,
          'runs',
          run,
          `the ${operation} ${run} began at ${startedAt} and never ended`,
          'It was killed, or ran out of memory or time: see the log of that time, give it more of what was short, and run it again.',
        ),
      );
}
