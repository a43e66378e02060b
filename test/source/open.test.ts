import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { parseSourceAddress, type Access } from '../../core/config/source-address.ts';
import { openSourceAt, type SourceAccess } from '../../core/source/open.ts';

const sshKey = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs1', format: 'pem' })
  .toString();
const ssh = { hostKey: [`SHA256:${'A'.repeat(43)}`] };
const access: SourceAccess = {
  storage: () => Promise.reject(new Error('nothing is to be loaded')),
  idToken: async () => 'token',
  bearer: 'hunter2',
  sshKey,
  now: () => new Date(),
};
const open = (text: string, settings: Access = {}, own: Partial<SourceAccess> = {}) =>
  openSourceAt(parseSourceAddress(text, '/etc', settings).origin, { ...access, ...own });

describe('a source', () => {
  test.each<[string, string, Access]>([
    ['/srv/app.db', 'file:///srv/app.db', {}],
    ['app.db', 'file:///etc/app.db', {}],
    ['file:///srv/a%20b.db', 'file:///srv/a%20b.db', {}],
    ['file:/srv/app.db', 'file:///srv/app.db', {}],
    ['gs://acme-data/app/app.db', 'gs://acme-data/app/app.db', {}],
    [
      'https://example.com/app.db?name=shop',
      'https://example.com/app.db',
      { https: { auth: 'bearer' } },
    ],
    ['http://127.0.0.1:80/app.db', 'http://127.0.0.1/app.db', { https: { auth: 'google' } }],
    ['ssh://backup@example.com/srv/app.db', 'ssh://backup@example.com/srv/app.db', { ssh }],
    ['ssh://backup@[::1]:2222/srv/a%20b.db', 'ssh://backup@[::1]:2222/srv/a%20b.db', { ssh }],
  ])('%s is opened, and its address is %s', async (text, url, settings) => {
    expect((await open(text, settings)).url).toBe(url);
  });

  test.each<[string, string, Access, Partial<SourceAccess>]>([
    [
      'a secret',
      'https://example.com/app.db',
      { https: { auth: 'bearer' } },
      { bearer: undefined },
    ],
    ['a secret in it', 'https://example.com/app.db', { https: { auth: 'bearer' } }, { bearer: '' }],
    ['a host key', 'ssh://u@example.com/app.db', {}, {}],
    ['an ssh key', 'ssh://u@example.com/app.db', { ssh }, { sshKey: undefined }],
  ])('without %s is config_invalid, and no secret is repeated', async (_, text, settings, own) => {
    const error: unknown = await open(text, settings, own).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'config_invalid', hint: expect.stringMatching(/\.$/) });
    expect(
      JSON.stringify([error, (error as Error).message, (error as { hint: string }).hint]),
    ).not.toContain('hunter2');
  });

  test('requests a token only when it is used, for the origin unless an audience is configured', async () => {
    const audiences: string[] = [];
    const idToken = async (audience: string) => (audiences.push(audience), 'token');
    const url = 'http://127.0.0.1:9/app.db';
    const own = await open(url, { https: { auth: 'google' } }, { idToken });
    const https = { auth: 'google', audience: 'iap-client' } as const;
    const other = await open(url, { https }, { idToken });
    expect(audiences).toEqual([]);
    const stop = AbortSignal.timeout(300);
    await Promise.allSettled([own.measure(stop), other.measure(stop)]);
    expect(new Set(audiences)).toEqual(new Set(['http://127.0.0.1:9', 'iap-client']));
  });
});
