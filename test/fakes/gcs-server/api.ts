import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Place } from './bodies.ts';
import type { FakeBucket } from './bucket.ts';
import { sendMedia } from './downloads.ts';
import { partial } from './fields.ts';
import { demand, grantedOf } from './permissions.ts';
import { ApiFault, type Call, type Fault, type Meta, type Policy } from './types.ts';
import { insertMultipart, putChunk, startSession, type Answer, type Session } from './uploads.ts';

type Parts = {
  readonly url: () => string;
  readonly bucketOf: (name: string) => FakeBucket;
  readonly names: () => readonly string[];
  readonly sessions: Map<string, Session>;
  readonly policies: Readonly<Record<string, Policy>>;
  readonly pageSize: number;
  readonly deniesFirst: boolean;
  readonly omitsDefaults: boolean;
  readonly large: Place;
};

/** The response to each kind of request; `undefined` when the handler has responded itself. */
export function createApi({
  url,
  bucketOf,
  names,
  sessions,
  policies,
  pageSize,
  deniesFirst,
  omitsDefaults,
  large,
}: Parts) {
  const mayWrite = (
    policy: Policy | undefined,
    bucket: FakeBucket,
    name: string,
    query: URLSearchParams,
  ): void => {
    demand(policy, 'create', name);
    if (deniesFirst && bucket.objects.has(name)) demand(policy, 'delete', name);
    bucket.check(name, query);
    if (bucket.objects.has(name)) demand(policy, 'delete', name);
  };

  const list = (bucket: FakeBucket, query: URLSearchParams): unknown => {
    const prefix = query.get('prefix') ?? '';
    const after = Buffer.from(query.get('pageToken') ?? '', 'base64').toString('utf8');
    const delimiter = query.get('delimiter');
    const most = Math.min(Number(query.get('maxResults') ?? 1000), pageSize);
    const names = bucket
      .names()
      .filter(
        (name) =>
          name.startsWith(prefix) &&
          (delimiter === null || !name.slice(prefix.length).includes(delimiter)) &&
          (after === '' || Buffer.compare(Buffer.from(name), Buffer.from(after)) > 0),
      );
    const page = names.slice(0, most);
    const last = page.at(-1);
    return {
      kind: 'storage#objects',
      ...(names.length > most && last !== undefined
        ? { nextPageToken: Buffer.from(last).toString('base64') }
        : {}),
      ...(page.length > 0 ? { items: page.map((name) => outside(bucket.find(name).meta)) } : {}),
    };
  };

  /** Google writes 64-bit numbers as strings. */
  const outside = (meta: Meta): unknown => ({
    kind: 'storage#object',
    ...meta,
    size: omitsDefaults && meta.size === 0 ? undefined : String(meta.size),
  });

  return async (
    call: Call,
    req: IncomingMessage,
    res: ServerResponse,
    fault: Fault | undefined,
  ): Promise<Answer | undefined> => {
    const { pathname, searchParams: query } = new URL(call.url, 'http://fake');
    const policy = call.identity === '' ? undefined : policies[call.identity];
    if (call.identity !== '' && !policy) throw new ApiFault(401, 'required', 'Invalid Credentials');
    const [, bucketName = ''] = /\/b\/([^/]+)/.exec(pathname) ?? [];
    if (call.kind === 'buckets')
      return { status: 200, json: { items: names().map((name) => ({ name, id: name })) } };
    const uploadId = query.get('upload_id');
    if (uploadId !== null) {
      const session = sessions.get(uploadId);
      if (!session) throw new ApiFault(410, 'gone', 'The upload session is gone.');
      if (call.kind === 'cancel') {
        sessions.delete(uploadId);
        await session.sink.drop();
        return { status: 499 };
      }
      const before = session.busy;
      const work = before.then(() => putChunk(session, req, fault));
      session.busy = work.catch(() => undefined);
      const answer = await work;
      return answer.json === undefined ? answer : { ...answer, json: outside(answer.json as Meta) };
    }
    const bucket = bucketOf(bucketName);
    if (call.kind === 'bucket') {
      demand(policy, 'bucket', '');
      return {
        status: 200,
        json: partial(
          {
            kind: 'storage#bucket',
            name: bucket.name,
            location: 'FAKE',
            storageClass: 'STANDARD',
            ...bucket.settings,
          },
          query.get('fields'),
        ),
      };
    }
    if (call.kind === 'permissions')
      return {
        status: 200,
        json: {
          kind: 'storage#testIamPermissionsResponse',
          permissions: grantedOf(policy, query.getAll('permissions')),
        },
      };
    if (call.kind === 'list') {
      demand(policy, 'list', query.get('prefix') ?? '');
      return { status: 200, json: partial(list(bucket, query), query.get('fields')) };
    }
    if (call.kind === 'insert' || call.kind === 'session') {
      mayWrite(policy, bucket, call.name, query);
      if (call.kind === 'insert') {
        const { status, json: meta } = await insertMultipart(bucket, query, req, fault, large);
        return { status, json: outside(meta as Meta) };
      }
      const id = `fake-session-${sessions.size + 1}`;
      sessions.set(id, await startSession(bucket, query, req, large));
      const as = call.identity === '' ? url() : `${url()}/as/${call.identity}`;
      return {
        status: 200,
        headers: {
          location: `${as}/upload/storage/v1/b/${bucket.name}/o?uploadType=resumable&name=${encodeURIComponent(call.name)}&upload_id=${id}`,
        },
      };
    }
    if (call.kind === 'patch') {
      demand(policy, 'update', call.name);
      const change = JSON.parse(await text(req)) as object;
      return {
        status: 200,
        json: partial(outside(bucket.patch(call.name, change, query)), query.get('fields')),
      };
    }
    if (call.kind === 'delete') {
      demand(policy, 'delete', call.name);
      await bucket.remove(call.name, query);
      return { status: 204 };
    }
    demand(policy, 'get', call.name);
    if (call.kind === 'get')
      return {
        status: 200,
        json: partial(outside(bucket.find(call.name).meta), query.get('fields')),
      };
    await sendMedia(bucket, call.name, query, call.range, res, fault);
    return undefined;
  };
}
