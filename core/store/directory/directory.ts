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
import { storeFailure } from './files.ts';
import { listKeys, readObject, describeObject } from './object.ts';
import { sweep } from './sweep.ts';

/** On a network share each description takes round trips. */
const AT_ONCE = 16;

export function createDirectoryStore(root: string): PrunableStore {
  return {
    url: root,
    create: (key, body, { expires } = {}) =>
      translated(key, () => createObject(root, key, body, expires)),
    stat: (key) => translated(key, () => describeObject(root, key)),
    read: (key) => readObject(root, key),
    async *list(prefix) {
      const keys = await translated(`the list of ${prefix}`, () => listKeys(root, prefix));
      for (let at = 0; at < keys.length; at += AT_ONCE) {
        const describing = keys.slice(at, at + AT_ONCE);
        yield* (
          await mapConcurrent(describing, AT_ONCE, (key) =>
            translated(key, () => describeObject(root, key)),
          )
        ).filter((object) => object !== undefined);
      }
    },
    extend: (key, expires) => translated(key, () => updateObject(root, key, { expires })),
    hold: (key, held) => translated(key, () => updateObject(root, key, { held })),
    replace: (key, body, generation) =>
      translated(key, () => replaceObject(root, key, body, generation)),
    remove: (key, now) => translated(key, () => removeObject(root, key, now)),
    discard: (key) => translated(key, () => discardObject(root, key)),
    sweep: (ageMs) => translated('the sweep', () => sweep(root, ageMs)),
    confirm: (object, crc32c) => translated(object.key, () => confirmObject(root, object, crc32c)),
  };
}

/** With the errors of the file system in the store's terms. */
async function translated<T>(subject: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storeFailure(error, subject);
  }
}
