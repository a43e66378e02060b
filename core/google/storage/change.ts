import { LifeboatError } from '../../lib/errors.ts';
import type { Calls } from './calls.ts';
import { customTimeOf, FIELDS, toResource, type Resource } from './object.ts';

type Change = { readonly customTime?: string; readonly temporaryHold?: boolean };

/** `undefined` when absent. */
export async function statObject(calls: Calls, name: string): Promise<Resource | undefined> {
  try {
    return toResource(
      await calls.api(name, { method: 'GET', path: pathOf(name), query: { fields: FIELDS } }),
    );
  } catch (error) {
    if (error instanceof LifeboatError && error.code === 'not_found') return undefined;
    throw error;
  }
}

export function extendObject(calls: Calls, name: string, expires: Date): Promise<void> {
  return changeObject(calls, name, ({ customTime }) => {
    const wanted = customTimeOf(expires);
    return customTime && customTime < new Date(wanted) ? { customTime: wanted } : undefined;
  });
}

export function holdObject(calls: Calls, name: string, held: boolean): Promise<void> {
  return changeObject(calls, name, (now) =>
    now.held === held ? undefined : { temporaryHold: held },
  );
}

function pathOf(name: string): string {
  return `/o/${encodeURIComponent(name)}`;
}

/**
 * Changes metadata only as it was read: what another run did in between (a later expiry, a hold) is
 * read again and never undone. `decide` gives the change that is still needed, or `undefined` when
 * there is none.
 */
async function changeObject(
  calls: Calls,
  name: string,
  decide: (now: Resource) => Change | undefined,
): Promise<void> {
  // Each 412 or refusal means that another run got on in between; so many at once there are not.
  for (let turn = 0; turn < 50; turn += 1) {
    const now = await statObject(calls, name);
    if (!now)
      throw new LifeboatError(
        'not_found',
        `no object ${name}`,
        'Run `lifeboat verify` to see what else is missing.',
      );
    const change = decide(now);
    if (!change) return;
    const query = {
      ifGenerationMatch: now.generation,
      ifMetagenerationMatch: now.metageneration,
      fields: 'generation',
    };
    const done = await calls
      .api(name, { method: 'PATCH', path: pathOf(name), query, json: change })
      .catch((error: unknown) => {
        // 412: somebody else changed it. 400: "Custom time cannot be decreased". 404: it is gone.
        // The next read shows which of them is a success.
        const { facts, message } = error as LifeboatError;
        if (
          facts['status'] === 412 ||
          facts['status'] === 404 ||
          (facts['status'] === 400 && /custom.?time/i.test(message))
        )
          return undefined;
        throw error;
      });
    if (done !== undefined) return;
  }
  throw new LifeboatError(
    'store_unreachable',
    `${name} is changed by others all the time`,
    'Run it again when fewer runs are under way.',
  );
}
