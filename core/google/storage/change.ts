import { LifeboatError } from '../../lib/errors.ts';
import type { Calls } from './calls.ts';
import { httpStatusOf } from './errors.ts';
import { customTimeOf, type Resource } from './object.ts';
import { pathOfObject, statObject } from './stat.ts';

type MetadataChange = { readonly customTime?: string; readonly temporaryHold?: boolean };

// Each turn that another run disturbs means that one got on; so many at once do not exist.
const MOST_TURNS = 50;

export function extendObject(calls: Calls, name: string, expires: Date): Promise<void> {
  const customTime = customTimeOf(expires);
  return changeObject(calls, name, (now) =>
    now.customTime && now.customTime < new Date(customTime) ? { customTime } : undefined,
  );
}

export function holdObject(calls: Calls, name: string, held: boolean): Promise<void> {
  return changeObject(calls, name, (now) =>
    now.held === held ? undefined : { temporaryHold: held },
  );
}

/**
 * Changes metadata only as it was read, so that a later expiry or a hold of another run is never
 * undone. `decide` returns the change that is still needed, or `undefined` when there is none.
 */
async function changeObject(
  calls: Calls,
  name: string,
  decide: (now: Resource) => MetadataChange | undefined,
): Promise<void> {
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    const now = await statObject(calls, name);
    if (!now)
      throw new LifeboatError(
        'not_found',
        `no object ${name}`,
        'Run `lifeboat verify` to see what else is missing.',
      );
    const change = decide(now);
    if (!change || (await applyChange(calls, name, now, change))) return;
  }
  throw new LifeboatError(
    'store_unreachable',
    `${name} is changed by others all the time`,
    'Run it again when fewer runs are under way.',
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
