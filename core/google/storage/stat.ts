import { LifeboatError } from '../../lib/errors.ts';
import type { Calls } from './calls.ts';
import { OBJECT_FIELDS, toResource, type ObjectContent, type Resource } from './object.ts';

/** The metadata of an object; `undefined` when it is absent. */
export async function statObject(calls: Calls, name: string): Promise<Resource | undefined> {
  const query = { fields: OBJECT_FIELDS };
  try {
    return toResource(await calls.api(name, { method: 'GET', path: pathOfObject(name), query }));
  } catch (error) {
    if (error instanceof LifeboatError && error.code === 'not_found') return undefined;
    throw error;
  }
}

/** What the bytes of an object add up to at this moment; `undefined` when it is absent. */
export async function statContent(calls: Calls, name: string): Promise<ObjectContent | undefined> {
  const resource = await statObject(calls, name);
  if (!resource) return undefined;
  const { size, crc32c, generation } = resource;
  if (crc32c === undefined || !Number.isSafeInteger(size))
    throw new LifeboatError(
      'store_unreachable',
      `the store does not report size and checksum of gs://${calls.bucket}/${name}`,
      'Run the command again.',
    );
  return { size, crc32c, generation };
}

/** Below the path of the bucket. */
export function pathOfObject(name: string): string {
  return `/o/${encodeURIComponent(name)}`;
}
