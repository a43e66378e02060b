import { LifeboatError } from '../../errors.ts';
import type { Calls } from './calls.ts';
import { faultOf } from './fault.ts';
import { customTimeOf, FIELDS, objectPath, toResource, type Resource } from './object.ts';
import { ask, sendBytes } from './send.ts';

type Change = { readonly customTime?: string; readonly temporaryHold?: boolean };

const absentBucket = (error: unknown): boolean => /bucket does not exist/i.test(faultOf(error).message);

/** `undefined` when absent. */
export const statObject = async (calls: Calls, name: string): Promise<Resource | undefined> => {
  try {
    return await calls.run(name, async (clients) =>
      toResource(await ask(clients, calls.tuning.idleMs, objectPath(calls.bucket, name), { fields: FIELDS })),
    );
  } catch (error) {
    if (error instanceof LifeboatError && error.code === 'not_found') return undefined;
    throw error;
  }
};

/**
 * Changes metadata only as it was read: what another run did in between (a later expiry, a hold) is read again and never undone.
 * `decide` gives the change that is still needed, or `undefined` when there is none.
 */
const changeObject = async (calls: Calls, name: string, decide: (now: Resource) => Change | undefined): Promise<void> => {
  // Each 412 or refusal means that another run got on in between; so many at once there are not.
  for (let turn = 0; turn < 50; turn += 1) {
    const now = await statObject(calls, name);
    if (!now) throw new LifeboatError('not_found', `no object ${name}`, 'Run `lifeboat verify` to see what else is missing.');
    const change = decide(now);
    if (!change) return;
    const done = await calls.run(name, async (clients) => {
      try {
        await sendBytes(clients, calls.tuning.idleMs, {
          method: 'PATCH',
          url: objectPath(calls.bucket, name),
          query: { ifGenerationMatch: now.generation, ifMetagenerationMatch: now.metageneration, fields: 'generation' },
          headers: { 'content-type': 'application/json' },
          parts: [Buffer.from(JSON.stringify(change))],
        });
        return true;
      } catch (error) {
        const { status, message } = faultOf(error);
        // 400: "custom time cannot be set to an earlier time". The state that is read next tells whether that is a success.
        if (status === 412 || (status === 400 && /custom.?time/i.test(message))) return false;
        if (status === 404 && !absentBucket(error)) return false;
        throw error;
      }
    });
    if (done) return;
  }
  throw new LifeboatError('store_unreachable', `${name} is changed by others all the time`, 'Run it again when fewer runs are under way.');
};

export const extendObject = (calls: Calls, name: string, expires: Date): Promise<void> =>
  changeObject(calls, name, ({ customTime }) => {
    const wanted = customTimeOf(expires);
    return customTime && customTime < new Date(wanted) ? { customTime: wanted } : undefined;
  });

export const holdObject = (calls: Calls, name: string, held: boolean): Promise<void> =>
  changeObject(calls, name, (now) => (now.held === held ? undefined : { temporaryHold: held }));
