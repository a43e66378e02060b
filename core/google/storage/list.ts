import { isKey } from '../../store/key.ts';
import type { StoredObject } from '../../store/store.ts';
import type { Calls } from './calls.ts';
import { toResource, toStored, type Resource } from './object.ts';

const LIST_FIELDS =
  'nextPageToken,items(name,size,crc32c,md5Hash,customTime,temporaryHold,timeCreated,generation,metageneration)';

type ListingOptions = {
  /** Without the folders below. */
  readonly shallow?: boolean;
  /** Called with each object. */
  readonly learn?: (resource: Resource) => void;
};

/**
 * The objects below a folder in the order of their keys, page by page: memory for one page,
 * whatever the bucket holds.
 */
export async function* listObjects(
  calls: Calls,
  root: string,
  folder: string,
  { shallow = false, learn = () => undefined }: ListingOptions = {},
): AsyncGenerator<StoredObject> {
  let pageToken: string | undefined;
  do {
    const query = {
      prefix: `${root}${folder}`,
      maxResults: '1000',
      fields: LIST_FIELDS,
      ...(shallow ? { delimiter: '/' } : {}),
      ...(pageToken === undefined ? {} : { pageToken }),
    };
    const page = (await calls.api(`the list of ${root}${folder}`, {
      method: 'GET',
      path: '/o',
      query,
    })) as {
      items?: unknown[];
      nextPageToken?: string;
    };
    for (const item of page.items ?? []) {
      const resource = toResource(item);
      const key = resource.name.slice(root.length);
      // A console's "folder" or a stranger's file is none of Lifeboat's objects.
      if (!isKey(key)) continue;
      learn(resource);
      yield toStored(key, resource);
    }
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined);
}
