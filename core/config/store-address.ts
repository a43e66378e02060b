import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A store, taken apart. A prefix has no slash at its ends; it may be empty. */
export type StoreAddress =
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'gs'; readonly bucket: string; readonly prefix: string };

export function bucketFault(bucket: string): string | undefined {
  const why = whyNoBucket(bucket);
  return why === undefined ? undefined : `${bucket || 'nothing'} cannot be a bucket: ${why}`;
}

/** Schemes that nobody reads, and what was meant by them. */
export function strayScheme(text: string, rest: string): string | undefined {
  if (/^https?:\/\/(storage|console)\.cloud\.google\.com\//.test(text))
    return `is a page for a browser; did you mean gs://bucket/${rest}?`;
  const web = /^https?:\/\/storage\.googleapis\.com\/([^/?]+)\/?([^?]*)/.exec(text);
  if (web) return `is read with no credentials; did you mean gs://${web[1]}/${web[2]}?`;
  if (/^(gcs|gsc|gc|g|gs|goog|google|gcp|sg):/i.test(text) && !text.startsWith('gs://'))
    return `is not supported; did you mean gs://${text.replace(/^[a-z]+:[/\\]*/i, '')}?`;
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1];
  if (scheme === undefined || scheme === 'file' || /^https?$/.test(scheme)) return undefined;
  return `is not supported: ${scheme}: is none of a path, file:, gs://, https:// and ssh://`;
}

/** What speaks against the text of a store; `undefined` when `parsePlace` can read it. */
export function storeAddressFault(text: string): string | undefined {
  if (text.trim() === '') return 'is empty';
  if (text.startsWith('~')) return 'must have the whole path: ~ is not expanded';
  if (text.startsWith('gs://')) {
    const [, bucket = '', prefix = ''] = /^gs:\/\/([^/]*)\/?(.*)$/s.exec(text) ?? [];
    return (
      bucketFault(bucket) ??
      (/^[A-Za-z0-9._/-]*$/.test(prefix) &&
      !/^\/|\/\//.test(prefix) &&
      !/(^|\/)\.\.?(\/|$)/.test(prefix)
        ? undefined
        : 'has a prefix of other than letters, digits, . _ - and /')
    );
  }
  const stray = strayScheme(text, 'prefix')?.replace(
    'a path, file:, gs://, https:// and ssh://',
    'a folder and gs://bucket',
  );
  if (stray !== undefined) return stray;
  if (/^https?:/.test(text)) return 'is not supported: a store is a folder or gs://bucket';
  return text.startsWith('file:') && !(/^file:\/(\/\/)?[^/]/.test(text) && URL.canParse(text))
    ? 'is not like file:///path/of/the/folder'
    : undefined;
}

/** Takes the text of a store apart that has no fault; relative folders start at `base`. */
export function parseStoreAddress(text: string, base: string): StoreAddress {
  const [, bucket, prefix = ''] = /^gs:\/\/([^/]*)\/?(.*)$/s.exec(text) ?? [];
  if (bucket !== undefined) return { kind: 'gs', bucket, prefix: prefix.replace(/^\/+|\/+$/g, '') };
  return {
    kind: 'directory',
    path: text.startsWith('file:') ? fileURLToPath(text) : resolve(base, text),
  };
}

/** One text for one place, however it was written. */
export function storeUrl(place: StoreAddress): string {
  return place.kind === 'directory'
    ? place.path
    : `gs://${place.bucket}${place.prefix === '' ? '' : `/${place.prefix}`}`;
}

// https://cloud.google.com/storage/docs/buckets#naming
function whyNoBucket(name: string): string | undefined {
  if (!/^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/.test(name))
    return '3 to 222 lower-case letters, digits, -, _ and .';
  if (name.split('.').some((part) => part.length > 63)) return 'at most 63 characters between dots';
  if (/\.\.|\.-|-\./.test(name)) return 'a dot beside a dot or a dash';
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) return 'an IP address';
  return name.startsWith('goog') || name.includes('google')
    ? 'Google keeps such names for itself'
    : undefined;
}
