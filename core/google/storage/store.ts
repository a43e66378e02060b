import type { StorageClients } from './client.ts';
import { readAccess, readBucketFacts } from './bucket.ts';
import { createCalls, TUNING, type Tuning } from './calls.ts';
import { extendObject, holdObject, statObject } from './change.ts';
import { download } from './download.ts';
import { listObjects } from './list.ts';
import { customTimeOf, toStored } from './object.ts';
import { upload } from './upload.ts';
import { checkKey } from '../../store/key.ts';
import type { BucketStore } from '../../store/store.ts';

export type GcsOptions = {
  readonly bucket: string;
  /** Empty, or without a slash at its ends. */
  readonly prefix: string;
  /** Called with the first request: Google's client takes time to load. */
  readonly clients: () => Promise<StorageClients>;
  readonly tuning?: Partial<Tuning>;
};

/**
 * A store in a bucket of Google Cloud Storage, below a prefix. Expiry is Custom-Time plus a day
 * (the bucket's rule deletes), hold is the temporary hold. Every call is bounded in time and
 * repeated where that helps. Needs, below the prefix, storage.objects.create, get, list and update;
 * delete only where `replace` overwrites.
 */
export function createGcsStore({ bucket, prefix, clients, tuning = {} }: GcsOptions): BucketStore {
  let opened: Promise<StorageClients> | undefined;
  const calls = createCalls(bucket, () => (opened ??= clients()), { ...TUNING, ...tuning });
  const root = prefix === '' ? '' : `${prefix}/`;
  const nameOf = (key: string): string => `${root}${checkKey(key)}`;
  const stat = (name: string) => statObject(calls, name);
  return {
    url: `gs://${bucket}${prefix === '' ? '' : `/${prefix}`}`,
    prefix,
    create: async (key, body, { expires } = {}) => {
      const name = nameOf(key);
      const customTime = expires ? { customTime: customTimeOf(expires) } : {};
      const created = await upload(
        calls,
        { name, match: '0', stat: () => stat(name), ...customTime },
        body,
      );
      return created && toStored(key, created);
    },
    stat: async (key) => {
      const found = await stat(nameOf(key));
      return found && toStored(key, found);
    },
    async *read(key) {
      const name = nameOf(key);
      yield* download(calls, { name, stat: () => stat(name) });
    },
    list: (folder) => listObjects(calls, root, folder),
    extend: async (key, expires) => extendObject(calls, nameOf(key), expires),
    hold: async (key, held) => holdObject(calls, nameOf(key), held),
    replace: async (key, body, generation) => {
      const name = nameOf(key);
      return (
        (await upload(calls, { name, match: generation ?? '0', stat: () => stat(name) }, body)) !==
        undefined
      );
    },
    bucketFacts: () => readBucketFacts(calls),
    access: (permissions) => readAccess(calls, permissions),
  };
}
