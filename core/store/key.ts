import { LifeboatError } from '../lib/errors.ts';

const KEY = /^[A-Za-z0-9_][A-Za-z0-9._-]*(\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/;

/**
 * Whether this is a key of an object: plain segments, separated by `/`. Whatever else lies in a
 * store is not Lifeboat's.
 */
export function isKey(key: string): boolean {
  return KEY.test(key);
}

export function checkKey(key: string): string {
  if (!isKey(key))
    throw new LifeboatError('internal', `not a key of an object: ${key}`, 'Please report this.');
  return key;
}
