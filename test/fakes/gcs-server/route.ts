import type { IncomingMessage } from 'node:http';
import type { Call } from './types.ts';

/** The call that a request makes; `undefined` when the fake does not know it. */
export function parseCall(req: IncomingMessage, position: number): Call | undefined {
  const { method = '', url: raw = '/' } = req;
  const [, identity = '', path = raw] = /^\/as\/([^/]+)(\/.*)$/.exec(raw) ?? [];
  const url = new URL(path, 'http://fake');
  const [, upload, bucket, rest, object] =
    /^(\/upload)?\/storage\/v1\/b(?:\/([^/]+)(\/o(?:\/([^/]+))?|\/iam\/testPermissions)?)?\/?$/.exec(
      url.pathname,
    ) ?? [];
  if (!/^(\/upload)?\/storage\/v1\/b(\/|$)/.test(url.pathname)) return undefined;
  const range = (upload ? req.headers['content-range'] : req.headers.range) ?? '';
  const kind =
    kindOf(
      method,
      upload !== undefined,
      object !== undefined,
      bucket !== undefined,
      url.searchParams,
      range,
    ) ??
    (method !== 'GET'
      ? undefined
      : bucket === undefined
        ? 'buckets'
        : rest === undefined
          ? 'bucket'
          : rest.startsWith('/iam/')
            ? 'permissions'
            : 'list');
  if (!kind) return undefined;
  const name =
    object === undefined
      ? (url.searchParams.get('name') ?? url.searchParams.get('prefix') ?? '')
      : decodeURIComponent(object);
  return { position, kind, method, url: path, name, identity, range, answer: 0 };
}

function kindOf(
  method: string,
  upload: boolean,
  object: boolean,
  bucket: boolean,
  query: URLSearchParams,
  range: string,
): Call['kind'] | undefined {
  if (upload && method === 'POST')
    return query.get('uploadType') === 'resumable' ? 'session' : 'insert';
  if (upload && method === 'PUT') return range.startsWith('bytes */') ? 'status' : 'chunk';
  if (upload && method === 'DELETE') return 'cancel';
  if (method === 'GET' && object) return query.get('alt') === 'media' ? 'download' : 'get';
  if (method === 'PATCH' && object) return 'patch';
  if (method === 'DELETE' && object) return 'delete';
  return undefined;
}
