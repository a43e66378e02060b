import { LifeboatError } from '../lib/errors.ts';

const OBJECT_KEY = /^[A-Za-z0-9_][A-Za-z0-9._-]*(\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/;

/** Whether this is the key of an object: plain segments, separated by `/`. */
export function isKey(key: string): boolean {
  return OBJECT_KEY.test(key);
}

/** Returns the key. Throws `internal` when it is none. */
export function checkKey(key: string): string {
  if (!isKey(key))
    throw new LifeboatError(
      'internal',
      `${key} is not a valid key of an object`,
      'This is a bug in Lifeboat. Please report it.',
    );
  return key;
}
