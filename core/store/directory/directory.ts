// The store in a folder. Expiry and hold are in a sidecar beside each object; `remove` honours them
// as a bucket's lifecycle would. An object is written under a temporary name and linked, so that it
// is visible whole or not at all. Imports the store's interface, format (names) and lib.
import { mapConcurrent } from '../../lib/async.ts';
import type { PrunableStore } from '../store.ts';
import {
  confirmObject,
  createObject,
  removeObject,
  discardObject,
  replaceObject,
  updateObject,
} from './change.ts';
import { storeFailure } from './failure.ts';
import { listKeys, readObject, describeObject } from './object.ts';
import { sweep } from './sweep.ts';

/** On a network share each description takes round trips. */
const AT_ONCE = 16;

export function createDirectoryStore(root: string): PrunableStore {
  const reading = <T>(work: () => Promise<T>) => translated(root, 'read', work);
  const writing = <T>(work: () => Promise<T>) => translated(root, 'write to', work);
  return {
    url: root,
    create: (key, body, { expires } = {}) => writing(() => createObject(root, key, body, expires)),
    stat: (key) => reading(() => describeObject(root, key)),
    read: (key) => readObject(root, key),
    async *list(prefix, { shallow = false } = {}) {
      const keys = await reading(() => listKeys(root, prefix, shallow));
      for (let at = 0; at < keys.length; at += AT_ONCE) {
        const describing = keys.slice(at, at + AT_ONCE);
        const describe = (key: string) => reading(() => describeObject(root, key));
        yield* (await mapConcurrent(describing, AT_ONCE, describe)).filter(
          (object) => object !== undefined,
        );
      }
    },
    extend: (key, expires) => writing(() => updateObject(root, key, { expires })),
    hold: (key, held) => writing(() => updateObject(root, key, { held })),
    replace: (key, body, generation) => writing(() => replaceObject(root, key, body, generation)),
    remove: (key, now) => writing(() => removeObject(root, key, now)),
    discard: (key) => writing(() => discardObject(root, key)),
    sweep: (ageMs) => writing(() => sweep(root, ageMs)),
    confirm: (object, crc32c) => writing(() => confirmObject(root, object, crc32c)),
  };
}

/** With the errors of the file system in the store's terms. */
async function translated<T>(
  root: string,
  access: 'read' | 'write to',
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storeFailure(error, root, access);
  }
}
