import { resolve } from 'node:path';
import { bucketProblem, filePath, schemeProblem } from './store-address.ts';
import { webProblem } from './values.ts';

/** The parsed source of a database. */
export type SourceAddress =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'gs'; readonly bucket: string; readonly object: string }
  | {
      readonly kind: 'https';
      /** With its query, which may hold a secret: only DatabaseConfig.source may be logged. */
      readonly url: string;
      readonly auth: 'none' | 'google' | 'bearer';
      /** Of the ID token, with `google`; by default the address without path and query. */
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

const SECRET =
  /token|secret|passw|signature|credential|auth|api[-_]?key|access[-_]?key|^(key|sig|pwd)$/i;

export type Access = {
  readonly ssh?: { readonly hostKey: readonly string[] } | undefined;
  readonly https?:
    | { readonly auth: 'none' | 'google' | 'bearer'; readonly audience?: string | undefined }
    | undefined;
};

const SCHEMES = {
  rest: 'path/of/the/database',
  use: 'a path, file:, gs://, https:// or ssh://',
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

/** Why the text of a source is invalid; `undefined` when `parseSourceAddress` can read it. */
export function sourceAddressProblem(source: string): string | undefined {
  const kind = sourceKind(source);
  if (kind === 'gs') return gsProblem(source);
  if (kind === 'ssh') return sshProblem(source);
  if (kind !== 'https') return fileProblem(source);
  const problem = schemeProblem(source, SCHEMES);
  return problem ?? (source.includes('#') ? 'must not contain #' : httpsProblem(source));
}

/**
 * Parses a source that has no problem; paths are relative to `base`. `source` is without secrets
 * and without the query.
 */
export function parseSourceAddress(
  text: string,
  base: string,
  access: Access,
): { source: string; origin: SourceAddress } {
  const kind = sourceKind(text);
  if (kind === 'file') {
    const path = filePath(text, base) ?? resolve(base, text);
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
  // The brackets around an IPv6 address are part of the URL only.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = url.port === '' ? 22 : Number(url.port);
  return {
    source: url.href,
    origin: { kind, user, host, port, path, hostKeys: access.ssh?.hostKey ?? [] },
  };
}

function gsProblem(source: string): string | undefined {
  const [, bucket = '', object = ''] = /^gs:\/\/([^/]*)\/?(.*)$/s.exec(source) ?? [];
  if (object === '' || object.endsWith('/'))
    return 'must name an object: gs://bucket/path/of/the/database';
  return bucketProblem(bucket);
}

/** An address with a query is logged in many places, on the way to the server and there. */
function httpsProblem(source: string): string | undefined {
  const problem = webProblem(source);
  if (problem !== undefined) return problem;
  const secret = [...new URL(source).searchParams.keys()].find((name) => SECRET.test(name));
  return secret === undefined
    ? undefined
    : `must not contain a secret in ?${secret}=: set https.auth to bearer, and LIFEBOAT_HTTPS_TOKEN to the secret`;
}

function sshProblem(source: string): string | undefined {
  const form = 'must look like ssh://user@host/path/of/the/database';
  if (!URL.canParse(source)) return form;
  const { username, password, hostname, pathname, search, hash } = new URL(source);
  if (password !== '') return 'must not contain a password: the key comes from LIFEBOAT_SSH_KEY';
  if (username === '') return `has no user: it ${form}`;
  if (
    hostname === '' ||
    pathname.length < 2 ||
    pathname.endsWith('/') ||
    search !== '' ||
    hash !== ''
  )
    return form;
  if (!isDecodable(`${username}${hostname}${pathname}`))
    return 'contains a % that begins no escape: write % itself as %25';
  if (decodeURIComponent(pathname).includes('\0')) return form;
  if (pathname.startsWith('/~')) return 'must be a full path: ~ is not expanded';
  return undefined;
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function fileProblem(source: string): string | undefined {
  if (/^[^/\s]+@[^/\s]+:/.test(source))
    return `is not supported. Did you mean ssh://${source.replace(/:\/*/, '/')}?`;
  if (source.startsWith('~'))
    return 'must be a full path: only ~/ is expanded, and only where HOME is set';
  const problem = schemeProblem(source, SCHEMES);
  if (problem !== undefined) return problem;
  if (!source.startsWith('file:')) return source.trim() === '' ? 'is empty' : undefined;
  return filePath(source, '/') === undefined
    ? 'must look like file:///path/of/the/database or file:./database'
    : undefined;
}
