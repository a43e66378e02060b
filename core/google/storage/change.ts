import { LifeboatError } from '../../lib/errors.ts';
import type { Calls } from './calls.ts';
import { httpStatusOf } from './errors.ts';
import { customTimeOf, type Resource } from './object.ts';
import { pathOfObject, statObject } from './stat.ts';

type MetadataChange = { readonly customTime?: string; readonly temporaryHold?: boolean };

// Each turn that another run disturbs means that one got on; so many at once do not exist.
const MOST_TURNS = 50;

/** How many descriptions are kept: those of a database with 5,000 backups. */
const MOST_KNOWN = 15_000;

/** An object, and how it was when it was last listed or stored. */
export type ChangeTarget = { readonly name: string; readonly known: Resource | undefined };

/**
 * What listings and uploads showed, so that a change needs no request to look first. Google
 * refuses a change of an object that is no longer so, and then it is looked at.
 */
export function createKnownObjects() {
  const resources = new Map<string, Resource>();
  return {
    learn: (resource: Resource): void => {
      if (resource.generation === '' || resource.metageneration === '') return;
      if (resources.size >= MOST_KNOWN) resources.clear();
      resources.set(resource.name, resource);
    },
    /** Each description serves one change: the next one has another metageneration. */
    take: (name: string): ChangeTarget => {
      const known = resources.get(name);
      resources.delete(name);
      return { name, known };
    },
  };
}

export function extendObject(calls: Calls, target: ChangeTarget, expires: Date): Promise<void> {
  const customTime = customTimeOf(expires);
  return changeObject(calls, target, (now) =>
    now.customTime && now.customTime < new Date(customTime) ? { customTime } : undefined,
  );
}

export function holdObject(calls: Calls, target: ChangeTarget, held: boolean): Promise<void> {
  return changeObject(calls, target, (now) =>
    now.held === held ? undefined : { temporaryHold: held },
  );
}

/**
 * Changes metadata only as it was read, so that a later expiry or a hold of another run is never
 * undone. `decide` returns the change that is still needed, or `undefined` when there is none.
 */
async function changeObject(
  calls: Calls,
  { name, known }: ChangeTarget,
  decide: (now: Resource) => MetadataChange | undefined,
): Promise<void> {
  const expected = known && decide(known);
  if (known && expected && (await applyChange(calls, name, known, expected))) return;
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    const now = await statObject(calls, name);
    if (!now)
      throw new LifeboatError(
        'not_found',
        `there is no object gs://${calls.bucket}/${name}`,
        'Run `lifeboat verify` to see what else is missing.',
      );
    const change = decide(now);
    if (!change || (await applyChange(calls, name, now, change))) return;
  }
  throw new LifeboatError(
    'store_unreachable',
    `gs://${calls.bucket}/${name} kept changing while Lifeboat tried to update it`,
    'Run the command again when fewer backups are running.',
  );
}

/** False when the object changed since it was read: read it again to see what is still needed. */
async function applyChange(
  calls: Calls,
  name: string,
  now: Resource,
  change: MetadataChange,
): Promise<boolean> {
  const query = {
    ifGenerationMatch: now.generation,
    ifMetagenerationMatch: now.metageneration,
    fields: 'generation',
  };
  try {
    await calls.api(name, { method: 'PATCH', path: pathOfObject(name), query, json: change });
    return true;
  } catch (error) {
    // 412: another run changed it. 404: it is gone. 400: "Custom time cannot be decreased".
    const status = httpStatusOf(error);
    const isLater = status === 400 && /custom.?time/i.test((error as LifeboatError).message);
    if (status === 412 || status === 404 || isLater) return false;
    throw error;
  }
}
