import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A parsed store. The prefix has no slash at its ends and may be empty. */
export type StoreAddress =
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'gs'; readonly bucket: string; readonly prefix: string };

export function bucketProblem(bucket: string): string | undefined {
  const why = nameProblem(bucket);
  return why === undefined
    ? undefined
    : `${bucket || 'an empty text'} is not a bucket name: ${why}`;
}

/** Why the scheme of an address is not supported; `use` says what is. */
export function schemeProblem(
  text: string,
  { rest, use }: { readonly rest: string; readonly use: string },
): string | undefined {
  if (/^https?:\/\/(storage|console)\.cloud\.google\.com\//.test(text))
    return `is a page for browsers. Did you mean gs://bucket/${rest}?`;
  const web = /^https?:\/\/storage\.googleapis\.com\/([^/?]+)\/?([^?]*)/.exec(text);
  if (web) return `would be read without credentials. Did you mean gs://${web[1]}/${web[2]}?`;
  if (/^(gcs|gsc|gc|g|gs|goog|google|gcp|sg):/i.test(text) && !text.startsWith('gs://'))
    return `is not supported. Did you mean gs://${text.replace(/^[a-z]+:[/\\]*/i, '')}?`;
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1];
  if (scheme === undefined || scheme === 'file' || /^https?$/.test(scheme)) return undefined;
  return `${scheme}:// is not supported; use ${use}`;
}

/** Why the text of a store is invalid; `undefined` when `parseStoreAddress` can read it. */
export function storeAddressProblem(text: string): string | undefined {
  if (text.trim() === '') return 'is empty';
  if (text.startsWith('~'))
    return 'must be a full path: only ~/ is expanded, and only where HOME is set';
  if (text.startsWith('gs://')) {
    const [, bucket = '', prefix = ''] = /^gs:\/\/([^/]*)\/?(.*)$/s.exec(text) ?? [];
    return (
      bucketProblem(bucket) ??
      (/^[A-Za-z0-9._/-]*$/.test(prefix) &&
      !/^\/|\/\//.test(prefix) &&
      !/(^|\/)\.\.?(\/|$)/.test(prefix)
        ? undefined
        : 'may have only letters, digits, . _ - and / in its prefix')
    );
  }
  const problem = schemeProblem(text, { rest: 'prefix', use: 'a folder or gs://bucket' });
  if (problem !== undefined) return problem;
  if (/^https?:/.test(text)) return 'is not supported: a store is a folder or gs://bucket';
  return text.startsWith('file:') && filePath(text, '/') === undefined
    ? 'must look like file:///path/of/the/folder or file:./folder'
    : undefined;
}

/** The path of a `file:` address, relative to `base`; `undefined` when it is none. */
export function filePath(text: string, base: string): string | undefined {
  const [, path = ''] = /^file:([^?#]*)/.exec(text) ?? [];
  // Of the forms with slashes, only file:/path and file:///path name a file on this machine.
  if (!/^(\/(\/\/)?)?[^/]/.test(path)) return undefined;
  try {
    return path.startsWith('/')
      ? fileURLToPath(`file:${path}`)
      : resolve(base, decodeURIComponent(path));
  } catch {
    return undefined;
  }
}

/** Parses the text of a store that has no problem; folders are relative to `base`. */
export function parseStoreAddress(text: string, base: string): StoreAddress {
  const [, bucket, prefix = ''] = /^gs:\/\/([^/]*)\/?(.*)$/s.exec(text) ?? [];
  if (bucket !== undefined) return { kind: 'gs', bucket, prefix: prefix.replace(/^\/+|\/+$/g, '') };
  return {
    kind: 'directory',
    path: filePath(text, base) ?? resolve(base, text),
  };
}

/** The same text for the same store, however it was written. */
export function storeUrl(place: StoreAddress): string {
  return place.kind === 'directory'
    ? place.path
    : `gs://${place.bucket}${place.prefix === '' ? '' : `/${place.prefix}`}`;
}

// https://cloud.google.com/storage/docs/buckets#naming
function nameProblem(name: string): string | undefined {
  if (!/^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/.test(name))
    return 'it needs 3 to 222 lower-case letters, digits, -, _ and .';
  if (name.split('.').some((part) => part.length > 63))
    return 'it may have at most 63 characters between dots';
  if (/\.\.|\.-|-\./.test(name)) return 'a dot must not be next to a dot or a dash';
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) return 'it is an IP address';
  return name.startsWith('goog') || name.includes('google')
    ? 'Google reserves such names'
    : undefined;
}
