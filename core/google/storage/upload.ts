import { randomUUID } from 'node:crypto';
import type { Body } from '../../store/store.ts';
import { LifeboatError } from '../../lib/errors.ts';
import type { Calls } from './calls.ts';
import { missingBucket, httpStatusOf } from './errors.ts';
import type { Resource } from './object.ts';
import { sendBody, type UploadTarget } from './send-body.ts';
import { statObject } from './stat.ts';

/**
 * Creates or replaces an object; `undefined` when another one is there. Throws unless Google
 * confirms size and CRC32C.
 */
export async function upload(
  calls: Calls,
  target: Omit<UploadTarget, 'token'>,
  body: Body,
): Promise<Resource | undefined> {
  const task = { ...target, token: randomUUID() };
  const failures = new Set<unknown>();
  try {
    const { resource, size, crc32c } = await sendBody(calls, task, rememberFailure(body, failures));
    const isComplete = resource !== undefined && isConfirmation(resource);
    const object = isComplete ? resource : await statObject(calls, task.name);
    const isOurs = isComplete || object?.token === task.token;
    if (object?.size === size && object.crc32c === crc32c && isOurs) return object;
  } catch (error) {
    // What the body throws is not the store's to explain.
    if (failures.has(error)) throw error;
    const failure = calls.failureOf(error, task.name);
    if (httpStatusOf(failure) === 412 || needsDelete(failure, task))
      return ownEarlierSuccess(calls, task);
    if (failure.code === 'not_found') throw missingBucket(calls.bucket, undefined);
    throw failure;
  }
  throw new LifeboatError(
    'store_unreachable',
    `the store does not confirm size and checksum of gs://${calls.bucket}/${task.name}`,
    'Run the command again. If this happens again, look for a proxy or an emulator that changes the data.',
  );
}

async function* rememberFailure(body: Body, failures: Set<unknown>): AsyncGenerator<Uint8Array> {
  try {
    yield* body instanceof Uint8Array ? [body] : body;
  } catch (error) {
    failures.add(error);
    throw error;
  }
}

function isConfirmation({ crc32c, size, generation }: Resource): boolean {
  return crc32c !== undefined && Number.isInteger(size) && generation !== '';
}

/**
 * Overwriting needs the delete permission, so without it Google answers 403 where we expect 412:
 * the object already exists.
 */
function needsDelete(failure: LifeboatError, { match }: UploadTarget): boolean {
  return (
    match === '0' &&
    httpStatusOf(failure) === 403 &&
    /storage\.objects\.delete/.test(failure.message)
  );
}

/** A 412 may be the answer to the repetition of a request that had worked. */
async function ownEarlierSuccess(
  calls: Calls,
  { name, token }: UploadTarget,
): Promise<Resource | undefined> {
  try {
    const object = await statObject(calls, name);
    return object?.token === token ? object : undefined;
  } catch (error) {
    // An identity that may create but not read (run records) relies on Google's answer: it exists.
    if (error instanceof LifeboatError && error.code === 'store_denied') return undefined;
    throw error;
  }
}
