import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createIdTokens } from '../../core/google/auth.ts';
import { serveHttp } from '../support/database-server.ts';
import { folder } from '../support/files.ts';

const AUDIENCE = 'https://shop.example.com';
const tokenUntil = (seconds: number): string =>
  ['{}', JSON.stringify({ exp: Math.floor(Date.now() / 1000) + seconds }), 'x']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');

/** Points the library to a credentials file of this content. */
const withCredentials = (content: unknown): void => {
  const path = join(folder(), 'credentials.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', path);
};
beforeEach(() => {
  vi.stubEnv('METADATA_SERVER_DETECTION', 'none');
  vi.stubEnv('HOME', folder());
  vi.stubEnv('CLOUDSDK_CONFIG', folder());
});
afterEach(() => vi.unstubAllEnvs());

describe('the ID token', () => {
  test('where there are no credentials is config_invalid, with what is missing', async () => {
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', '');
    await expect(createIdTokens()(AUDIENCE)).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining('no Google credentials'),
      hint: expect.stringContaining('GOOGLE_APPLICATION_CREDENTIALS'),
    });
  });

  test('with credentials that make none is config_invalid', async () => {
    const pool =
      '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q';
    const subject = {
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      credential_source: { file: '/nonexistent' },
    };
    withCredentials({
      type: 'external_account',
      audience: pool,
      token_url: 'https://sts.googleapis.com/v1/token',
      ...subject,
    });
    await expect(createIdTokens()(AUDIENCE)).rejects.toMatchObject({
      code: 'config_invalid',
      hint: expect.stringContaining('service account'),
    });
  });

  test('with a file that is none is config_invalid', async () => {
    withCredentials('not JSON');
    await expect(createIdTokens()(AUDIENCE)).rejects.toMatchObject({ code: 'config_invalid' });
  });

  /** A metadata server as a cloud function has one, at an address of its own. */
  const withMetadata = async (answer: (url: string) => [number, string]): Promise<void> => {
    const origin = await serveHttp((request, response) => {
      const url = request.url ?? '';
      const [status, body] = url.includes('/identity?') ? answer(url) : [200, 'default'];
      response.writeHead(status, { 'metadata-flavor': 'Google' }).end(body);
    });
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', '');
    vi.stubEnv('METADATA_SERVER_DETECTION', 'assume-present');
    vi.stubEnv('GCE_METADATA_HOST', new URL(origin).host);
  };

  test('where Google gives none is source_unreachable', async () => {
    await withMetadata(() => [404, 'hunter2']);
    await expect(createIdTokens()(AUDIENCE)).rejects.toMatchObject({ code: 'source_unreachable' });
  });

  test('is for the audience, and is kept until shortly before it ends', async () => {
    const asked: (string | null)[] = [];
    await withMetadata((url) => {
      asked.push(new URL(url, 'http://metadata').searchParams.get('audience'));
      return [200, tokenUntil(asked.length === 1 ? 3600 : 1)];
    });
    const tokens = createIdTokens();
    const first = await tokens(AUDIENCE);
    expect(first.split('.')).toHaveLength(3);
    expect(await tokens(AUDIENCE)).toBe(first);
    for (const _ of [1, 2]) await tokens('https://other.example.com');
    expect(asked).toEqual([AUDIENCE, 'https://other.example.com', 'https://other.example.com']);
  });
});
