/**
 * The store in a bucket of Google Cloud Storage. Promises what `core/store/store.ts` asks, in
 * bounded time: every call is repeated where that helps, uploads and downloads are resumed, and
 * their CRC32C is checked. Imports `store`, `documents` and `lib`.
 */
import { checkKey } from '../../store/key.ts';
import type { BucketStore } from '../../store/store.ts';
import { readAccess, readBucketFacts } from './bucket.ts';
import { createCalls, type Tuning } from './calls.ts';
import { createKnownObjects, extendObject, holdObject } from './change.ts';
import type { StorageClients } from './client.ts';
import { download } from './download.ts';
import { listObjects } from './list.ts';
import { customTimeOf, toStored } from './object.ts';
import { statObject } from './stat.ts';
import { upload } from './upload.ts';

export type GcsStoreOptions = {
  readonly bucket: string;
  /** Empty, or without a slash at its ends. */
  readonly prefix: string;
  /** Called with the first request: Google's client takes time to load. */
  readonly clients: () => Promise<StorageClients>;
  readonly tuning?: Partial<Tuning>;
};

/**
 * A store below a prefix. Expiry is Custom-Time plus a day (the bucket's rule deletes), hold is the
 * temporary hold. Needs, below the prefix, storage.objects.create, get, list and update; delete only
 * where `replace` overwrites.
 */
export function createGcsStore({
  bucket,
  prefix,
  clients,
  tuning = {},
}: GcsStoreOptions): BucketStore {
  let client: Promise<StorageClients> | undefined;
  const calls = createCalls({ bucket, clients: () => (client ??= clients()), tuning });
  const known = createKnownObjects();
  const root = prefix === '' ? '' : `${prefix}/`;
  const nameOf = (key: string): string => `${root}${checkKey(key)}`;
  return {
    url: `gs://${bucket}${prefix === '' ? '' : `/${prefix}`}`,
    prefix,
    create: async (key, body, { expires } = {}) => {
      const customTime = expires && customTimeOf(expires);
      const object = await upload(calls, { name: nameOf(key), match: '0', customTime }, body);
      if (object) known.learn(object);
      return object && toStored(key, object);
    },
    stat: async (key) => {
      const object = await statObject(calls, nameOf(key));
      return object && toStored(key, object);
    },
    async *read(key) {
      yield* download(calls, nameOf(key));
    },
    list: (folder, { shallow = false } = {}) =>
      listObjects(calls, root, folder, { shallow, learn: known.learn }),
    extend: async (key, expires) => extendObject(calls, known.take(nameOf(key)), expires),
    hold: async (key, held) => holdObject(calls, known.take(nameOf(key)), held),
    replace: async (key, body, generation) => {
      const target = { name: nameOf(key), match: generation ?? '0' };
      return (await upload(calls, target, body)) !== undefined;
    },
    bucketFacts: () => readBucketFacts(calls),
    access: (permissions) => readAccess(calls, permissions),
  };
}
