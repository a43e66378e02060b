import { manifestKey } from '../format/manifest.ts';
import { mapConcurrent } from '../lib/async.ts';
import type { Config } from '../config/load.ts';
import { ok, type WatchVerdict } from './verdicts.ts';
import { unconfiguredVerdict } from './verdicts-unconfigured.ts';
import type { Context } from '../context.ts';
import { cannotSee } from './deployment.ts';
import { summarisedDatabases } from '../state/state.ts';

const READERS = 8;

/** Whether a database that was backed up by a schedule has fallen out of the configuration. Throws nothing that a store says. */
export async function watchUnconfigured(
  context: Context,
  { databases }: Config,
): Promise<WatchVerdict[]> {
  try {
    const names = (await summarisedDatabases(context)).filter(
      (name) => !Object.hasOwn(databases, name),
    );
    const verdicts = (
      await mapConcurrent(names, READERS, (name) => watchOne(context, name))
    ).flat();
    return verdicts.length > 0
      ? verdicts
      : [ok(null, 'unconfigured', 'no database has fallen out of the configuration')];
  } catch (error) {
    return [cannotSee('store', error)];
  }
}

async function watchOne({ catalog, now }: Context, name: string): Promise<WatchVerdict[]> {
  try {
    const { manifests, objects } = await catalog.list(name);
    return unconfiguredVerdict(
      name,
      manifests,
      (id) => objects.get(manifestKey(name, id))?.held === true,
      now(),
    );
  } catch (error) {
    return [cannotSee('store', error)];
  }
}
