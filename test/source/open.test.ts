import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { openSource, type SourceAccess, type SourceSettings } from '../../core/source/open.ts';
import { MemoryObjects } from '../fakes/memory-objects.ts';

const sshKey = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs1', format: 'pem' })
  .toString();
const hostKeys = [`SHA256:${'A'.repeat(43)}`];
const access: SourceAccess = {
  objects: () => new MemoryObjects(),
  idToken: async () => 'token',
  bearer: 'hunter2',
  sshKey,
};

describe('a source', () => {
  test.each<[SourceSettings, string]>([
    [{ url: '/srv/app.db' }, 'file:///srv/app.db'],
    [{ url: 'file:///srv/a%20b.db' }, 'file:///srv/a%20b.db'],
    [{ url: 'file:/srv/app.db' }, 'file:///srv/app.db'],
    [{ url: 'gs://acme-data/app/app.db' }, 'gs://acme-data/app/app.db'],
    [{ url: 'https://example.com/app.db?name=shop', auth: 'bearer' }, 'https://example.com/app.db'],
    [{ url: 'http://127.0.0.1:80/app.db', auth: 'google' }, 'http://127.0.0.1/app.db'],
    [
      { url: 'ssh://backup@example.com/srv/app.db', hostKeys },
      'ssh://backup@example.com/srv/app.db',
    ],
    [
      { url: 'ssh://backup@[::1]:2222/srv/a%20b.db', hostKeys },
      'ssh://backup@[::1]:2222/srv/a%20b.db',
    ],
  ])('%j is opened, and says where it is', async (settings, url) => {
    expect((await openSource(settings, access)).url).toBe(url);
  });

  test.each<[string, SourceSettings, SourceAccess]>([
    ['a relative path', { url: 'app.db' }, access],
    ['file: with a relative path', { url: 'file:app.db' }, access],
    ['an unknown kind', { url: 'ftp://example.com/app.db' }, access],
    ['a user at a bucket', { url: 'gs://u:hunter2@acme/app.db' }, access],
    ['a bucket alone', { url: 'gs://acme' }, access],
    ['no reader of buckets', { url: 'gs://acme/app.db' }, {}],
    ['a password', { url: 'https://u:hunter2@example.com/app.db' }, access],
    ['a token in the query', { url: 'https://example.com/app.db?token=hunter2' }, access],
    ['no secret', { url: 'https://example.com/app.db', auth: 'bearer' }, {}],
    ['an empty secret', { url: 'https://example.com/app.db', auth: 'bearer' }, { bearer: '' }],
    ['no ID tokens', { url: 'https://example.com/app.db', auth: 'google' }, {}],
    ['a password for ssh', { url: 'ssh://u:hunter2@example.com/app.db', hostKeys }, access],
    ['no host key', { url: 'ssh://u@example.com/app.db' }, access],
    ['no ssh key', { url: 'ssh://u@example.com/app.db', hostKeys }, {}],
  ])('with %s is config_invalid, and no secret is repeated', async (_, settings, given) => {
    const error: unknown = await openSource(settings, given).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'config_invalid', hint: expect.stringMatching(/\.$/) });
    expect(
      JSON.stringify([error, (error as Error).message, (error as { hint: string }).hint]),
    ).not.toContain('hunter2');
  });

  test('is asked for a token only when it is used, with the origin as the audience unless another is given', async () => {
    const asked: string[] = [];
    const idToken = async (audience: string) => (asked.push(audience), 'token');
    const url = 'http://127.0.0.1:9/app.db';
    const own = await openSource({ url, auth: 'google' }, { idToken });
    const other = await openSource({ url, auth: 'google', audience: 'iap-client' }, { idToken });
    expect(asked).toEqual([]);
    const stop = AbortSignal.timeout(300);
    await Promise.allSettled([own.measure(stop), other.measure(stop)]);
    expect(new Set(asked)).toEqual(new Set(['http://127.0.0.1:9', 'iap-client']));
  });
});
