import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bucketFault, strayScheme } from './store-address.ts';
import { webFault } from './values.ts';

/** Where a database is pulled from, taken apart. */
export type SourceAddress =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'gs'; readonly bucket: string; readonly object: string }
  | {
      readonly kind: 'https';
      /** The whole address with its query; only DatabaseConfig.source may be logged. */
      readonly url: string;
      readonly auth: 'none' | 'google' | 'bearer';
      /** Of the ID token, with `google`; undefined means the address without path and query. */
      readonly audience: string | undefined;
    }
  | {
      readonly kind: 'ssh';
      readonly user: string;
      readonly host: string;
      readonly port: number;
      readonly path: string;
      /** `ssh-ed25519 AAAA…` or `SHA256:…`; one of them must be the server's. */
      readonly hostKeys: readonly string[];
    };

export type Access = {
  readonly ssh?: { readonly hostKey: readonly string[] } | undefined;
  readonly https?:
    | { readonly auth: 'none' | 'google' | 'bearer'; readonly audience?: string | undefined }
    | undefined;
};

export function sourceKind(source: string): SourceAddress['kind'] {
  return source.startsWith('gs://')
    ? 'gs'
    : source.startsWith('ssh://')
      ? 'ssh'
      : /^https?:/.test(source)
        ? 'https'
        : 'file';
}

/** What speaks against the text of a source; `undefined` when `parseOrigin` can read it. */
export function sourceAddressFault(source: string): string | undefined {
  const kind = sourceKind(source);
  if (kind === 'gs') return gsFault(source);
  if (kind === 'ssh') return sshFault(source);
  if (kind !== 'https') return fileFault(source);
  const stray = strayScheme(source, 'path/of/the/database');
  return stray ?? (source.includes('#') ? 'must not have a part after #' : webFault(source));
}

/**
 * Takes a source apart that has no fault; relative paths start at `base`. `source` has no secret in
 * it and no query.
 */
export function parseSourceAddress(
  text: string,
  base: string,
  access: Access,
): { source: string; origin: SourceAddress } {
  const kind = sourceKind(text);
  if (kind === 'file') {
    const path = text.startsWith('file:') ? fileURLToPath(text) : resolve(base, text);
    return { source: path, origin: { kind, path } };
  }
  if (kind === 'gs') {
    const [, bucket = '', object = ''] = /^gs:\/\/([^/]*)\/(.*)$/s.exec(text) ?? [];
    return { source: text, origin: { kind, bucket, object } };
  }
  const url = new URL(text);
  if (kind === 'https') {
    const auth = access.https?.auth ?? 'none';
    return {
      source: `${url.origin}${url.pathname}`,
      origin: { kind, url: url.href, auth, audience: access.https?.audience },
    };
  }
  const [user, path] = [decodeURIComponent(url.username), decodeURIComponent(url.pathname)];
  // Brackets belong to the URL, not to the IPv6 address.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = url.port === '' ? 22 : Number(url.port);
  return {
    source: url.href,
    origin: { kind, user, host, port, path, hostKeys: access.ssh?.hostKey ?? [] },
  };
}

function gsFault(source: string): string | undefined {
  const [, bucket = '', object = ''] = /^gs:\/\/([^/]*)\/?(.*)$/s.exec(source) ?? [];
  if (object === '' || object.endsWith('/'))
    return 'names no object: it is gs://bucket/path/of/the/database';
  return bucketFault(bucket);
}

function sshFault(source: string): string | undefined {
  const form = 'is not like ssh://user@host/path/of/the/database';
  if (!URL.canParse(source)) return form;
  const { username, password, hostname, pathname, search, hash } = new URL(source);
  if (password !== '') return 'must not carry a password: the key comes from LIFEBOAT_SSH_KEY';
  if (username === '') return `names no user: it ${form.replace('is not', 'is')}`;
  if (
    hostname === '' ||
    pathname.length < 2 ||
    pathname.endsWith('/') ||
    search !== '' ||
    hash !== ''
  )
    return form;
  if (pathname.startsWith('/~')) return 'must have the whole path: ~ is not expanded';
  return undefined;
}

function fileFault(source: string): string | undefined {
  if (/^[^/\s]+@[^/\s]+:/.test(source))
    return `is not supported; did you mean ssh://${source.replace(/:\/*/, '/')}?`;
  if (source.startsWith('~')) return 'must have the whole path: ~ is not expanded';
  const stray = strayScheme(source, 'path/of/the/database');
  if (stray !== undefined) return stray;
  if (!source.startsWith('file:')) return source.trim() === '' ? 'is empty' : undefined;
  // file:db.sqlite3 would quietly mean /db.sqlite3.
  return /^file:\/(\/\/)?[^/]/.test(source) && URL.canParse(source)
    ? undefined
    : 'is not like file:///path/of/the/database';
}
