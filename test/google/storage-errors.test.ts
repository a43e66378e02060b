import { describe, expect, test } from 'vitest';
import { openStore } from '../../core/app/adapters.ts';
import { openStorage } from '../../core/google/storage/client.ts';
import { createGcsStore } from '../../core/google/storage/store.ts';
import { gcsFailure } from '../../core/google/storage/errors.ts';
import type { BucketStore } from '../../core/store/store.ts';
import { plan } from '../fakes/gcs-server/faults.ts';
import { BUCKET, FAST, gcsServer, gcsStore } from '../support/gcs.ts';

const body = Buffer.from('content');
const drain = async (input: AsyncIterable<unknown>): Promise<void> => {
  for await (const each of input) void each;
};
const OPERATIONS: Readonly<Record<string, (store: BucketStore) => Promise<unknown>>> = {
  create: (store) => store.create('databases/new', body),
  stat: (store) => store.stat('databases/one'),
  read: (store) => drain(store.read('databases/one')),
  list: (store) => drain(store.list('databases/')),
  extend: (store) => store.extend('databases/one', new Date()),
  hold: (store) => store.hold('databases/one', true),
  replace: (store) => store.replace('state/one', body, undefined),
  bucketFacts: (store) => store.bucketFacts(),
};
const operations = Object.entries(OPERATIONS);

describe('a store that cannot be used says why', () => {
  test.each(['list', 'bucketFacts'])(
    '%s: a 404 without the words of a missing bucket, as from a proxy, may pass',
    async (name) => {
      const server = await gcsServer();
      server.faults = plan([{ fault: { type: 'status', status: 404 }, times: Infinity }]);
      const error = OPERATIONS[name]?.(gcsStore(server.url));
      await expect(error).rejects.toMatchObject({
        code: 'store_unreachable',
        retry: true,
        message: expect.stringContaining(`gs://${BUCKET} answered 404`),
      });
    },
  );

  test.each(operations)(
    '%s: the bucket does not exist, and a similar one does',
    async (_, work) => {
      const { url } = await gcsServer();
      await expect(work(gcsStore(url, { bucket: 'acme-bakups' }))).rejects.toMatchObject({
        code: 'store_unreachable',
        message: 'there is no bucket gs://acme-bakups',
        hint: `Did you mean gs://${BUCKET}?`,
      });
      await expect(work(gcsStore(url, { bucket: 'something-else' }))).rejects.toMatchObject({
        message: 'there is no bucket gs://something-else',
        hint: expect.stringContaining('Check the name of the bucket') as string,
      });
    },
  );

  test.each([
    ['create', 'storage.objects.create'],
    ['stat', 'storage.objects.get'],
    ['read', 'storage.objects.get'],
    ['list', 'storage.objects.list'],
    ['replace', 'storage.objects.create'],
    ['bucketFacts', 'storage.buckets.get'],
  ])('%s: the permission %s is missing, and for whom', async (operation, permission) => {
    const server = await gcsServer({
      policies: { nobody: { identity: 'nobody@fake.iam.gserviceaccount.com' } },
    });
    await gcsStore(server.url).create('databases/one', body);
    const refused = OPERATIONS[operation]?.(gcsStore(server.as('nobody')));
    await expect(refused).rejects.toMatchObject({
      code: 'store_denied',
      message: expect.stringContaining(
        `nobody@fake.iam.gserviceaccount.com lacks ${permission}`,
      ) as string,
      facts: { permission, identity: 'nobody@fake.iam.gserviceaccount.com' },
    });
  });

  test('hold and extend name the right to update', async () => {
    const server = await gcsServer({
      policies: { reader: { identity: 'reader@x', get: [''], list: [''] } },
    });
    await gcsStore(server.url).create('one', body, { expires: new Date('2026-11-24T00:00:00Z') });
    const store = gcsStore(server.as('reader'));
    for (const call of [
      store.hold('one', true),
      store.extend('one', new Date('2030-01-01T00:00:00Z')),
    ])
      await expect(call).rejects.toMatchObject({
        code: 'store_denied',
        facts: { permission: 'storage.objects.update' },
      });
  });

  test.each(operations)('%s: nobody listens there', async (_, work) => {
    const server = await gcsServer();
    await server.close();
    await expect(work(gcsStore(server.url))).rejects.toMatchObject({
      code: 'store_unreachable',
      message: expect.stringContaining('cannot be reached (ECONNREFUSED)') as string,
    });
  });

  test.each(operations)('%s: the name of the server is unknown', async (_, work) => {
    await expect(work(gcsStore('http://no-such-host.invalid'))).rejects.toMatchObject({
      code: 'store_unreachable',
    });
  });

  test.each(operations)('%s: credentials are not accepted, after one more try', async (_, work) => {
    const server = await gcsServer();
    await gcsStore(server.url).create('databases/one', body);
    server.reset();
    server.faults = plan([
      {
        fault: { type: 'status', status: 401, reason: 'required', message: 'Invalid Credentials' },
        times: Infinity,
      },
    ]);
    await expect(work(gcsStore(server.url))).rejects.toMatchObject({
      code: 'store_denied',
      facts: { status: 401 },
    });
    expect(server.calls).toHaveLength(2);
  });

  test.each(operations)('%s: the bucket makes its requesters pay', async (_, work) => {
    const server = await gcsServer();
    await gcsStore(server.url).create('databases/one', body);
    const message = 'Bucket is a requester pays bucket but no user project provided.';
    const fault = { type: 'status', status: 400, reason: 'required', message } as const;
    server.faults = plan([{ fault, times: Infinity }]);
    await expect(work(gcsStore(server.url))).rejects.toMatchObject({
      code: 'config_invalid',
      message: `gs://${BUCKET} makes its requesters pay, which Lifeboat does not support`,
      retry: false,
    });
  });

  test('the credentials are of another universe', async () => {
    const cause = new RangeError('Universe domain a.example in source credentials does not match');
    expect(gcsFailure(cause, 'a list', BUCKET)).toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining('another universe than googleapis.com'),
    });
    const env = { GOOGLE_CLOUD_UNIVERSE_DOMAIN: 'apis.example' };
    const store = await openStore(`gs://${BUCKET}`, env);
    await expect(store.create('one', body)).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining('GOOGLE_CLOUD_UNIVERSE_DOMAIN is apis.example'),
    });
  });

  test('there are no credentials at all', async () => {
    // No endpoint: Google itself would be called, but for want of credentials nothing is.
    const clients = () => openStorage();
    const store = createGcsStore({ bucket: BUCKET, prefix: '', clients, tuning: FAST });
    await expect(store.create('one', body)).rejects.toMatchObject({
      code: 'store_denied',
      message: `no Google credentials were found to reach gs://${BUCKET}`,
      hint: expect.stringContaining('gcloud auth application-default login') as string,
    });
    await expect(drain(store.read('one'))).rejects.toMatchObject({ code: 'store_denied' });
  });

  test('a limit of calls that is told as 403 is waited for, not taken for a refusal', async () => {
    const server = await gcsServer();
    server.faults = plan([
      { fault: { type: 'status', status: 403, reason: 'rateLimitExceeded' }, times: 2 },
    ]);
    expect(await gcsStore(server.url).create('one', body)).toBeDefined();
  });

  test.each<[string, object, string]>([
    [
      'a refused token',
      {
        status: 400,
        response: { status: 400, data: { error: 'invalid_grant', error_description: 'revoked' } },
      },
      'store_denied',
    ],
    [
      'a login to renew',
      {
        response: { status: 400, data: { error: 'invalid_grant', error_subtype: 'invalid_rapt' } },
      },
      'store_denied',
    ],
    [
      'a key file that is not there',
      { message: 'The file at /k.json does not exist, or it is not a file. ENOENT' },
      'store_denied',
    ],
    [
      'no credentials',
      { message: 'Could not load the default credentials. Browse to …' },
      'store_denied',
    ],
    [
      'a certificate',
      {
        code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
        message: 'unable to verify the first certificate',
      },
      'store_unreachable',
    ],
    [
      'no name service',
      { code: 'EAI_AGAIN', message: 'getaddrinfo EAI_AGAIN storage.googleapis.com' },
      'store_unreachable',
    ],
    [
      'no metadata server',
      { code: 'ENOTFOUND', message: 'getaddrinfo ENOTFOUND metadata.google.internal' },
      'store_unreachable',
    ],
    [
      'billing',
      { status: 403, message: 'The billing account for the owning project is disabled.' },
      'store_denied',
    ],
  ])('%s is told apart', (_, fields, code) => {
    expect(gcsFailure(Object.assign(new Error('failed'), fields), 'one', BUCKET).code).toBe(code);
  });

  test('a fault of this program is not blamed on the store', () => {
    expect(gcsFailure(new TypeError('x is not a function'), 'one', BUCKET).code).toBe('internal');
  });

  test('an error carries neither addresses nor headers of the request', () => {
    const error = Object.assign(new Error('PUT https://host/upload?upload_id=SECRET failed'), {
      config: { headers: { authorization: 'Bearer SECRET' } },
      response: {
        status: 500,
        data: { error: { code: 500, message: 'see https://host/?token=SECRET' } },
      },
    });
    const failure = gcsFailure(error, 'one', BUCKET);
    const everything = JSON.stringify([
      failure,
      failure.message,
      failure.cause,
      (failure.cause as Error).message,
      failure.stack,
    ]);
    expect(everything).not.toContain('SECRET');
    expect(Object.keys(failure.cause as object)).toEqual(['name']);
  });
});
