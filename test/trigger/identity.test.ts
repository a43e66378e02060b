import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openIdentity } from '../../core/app/adapters.ts';
import { exchange } from '../../core/trigger/exchange.ts';
import { lines, MADE, startBackupNow } from '../fakes/backup-now.ts';
import { serveHttp } from '../support/database-server.ts';
import { folder } from '../support/files.ts';

const AUDIENCE = 'https://backup-now-abc123-uc.a.run.app';
const TOKEN = 'aaa.bbb.ccc';

/** A fake gcloud that prints this, in a folder that is all of PATH. */
const withGcloud = (script: string): void => {
  const bin = folder();
  writeFileSync(join(bin, 'gcloud'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, 'gcloud'), 0o755);
  vi.stubEnv('PATH', bin);
};

beforeEach(() => {
  vi.stubEnv('METADATA_SERVER_DETECTION', 'none');
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', '');
  vi.stubEnv('HOME', folder());
  vi.stubEnv('CLOUDSDK_CONFIG', folder());
  vi.stubEnv('PATH', folder());
});
afterEach(() => vi.unstubAllEnvs());

describe('the identity of the caller', () => {
  test('comes from LIFEBOAT_ID_TOKEN first', async () => {
    withGcloud('echo x.y.z');
    expect(await openIdentity({ LIFEBOAT_ID_TOKEN: `${TOKEN}\n` })(AUDIENCE)).toBe(TOKEN);
    const error: unknown = await openIdentity({ LIFEBOAT_ID_TOKEN: 'ya29.hunter2' })(
      AUDIENCE,
    ).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'config_invalid' });
    expect(String(error)).not.toContain('hunter2');
  });

  test('comes from the metadata server next, with a token for this audience', async () => {
    const claims = Buffer.from(
      JSON.stringify({ exp: Math.floor(Date.now() / 1000) + 3600 }),
    ).toString('base64url');
    const asked: string[] = [];
    const origin = await serveHttp((request, response) => {
      const url = request.url ?? '';
      if (url.includes('/identity?'))
        asked.push(new URL(url, 'http://metadata').searchParams.get('audience') ?? '');
      response
        .writeHead(200, { 'metadata-flavor': 'Google' })
        .end(url.includes('/identity?') ? `e30.${claims}.x` : 'default');
    });
    vi.stubEnv('METADATA_SERVER_DETECTION', 'assume-present');
    vi.stubEnv('GCE_METADATA_HOST', new URL(origin).host);
    expect(await openIdentity({})(AUDIENCE)).toBe(`e30.${claims}.x`);
    expect(asked).toEqual([AUDIENCE]);
  });

  test('comes from gcloud last, when a person’s credentials give no token', async () => {
    const path = join(folder(), 'adc.json');
    writeFileSync(
      path,
      JSON.stringify({
        type: 'authorized_user',
        client_id: 'a',
        client_secret: 'b',
        refresh_token: 'c',
      }),
    );
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', path);
    withGcloud(
      `case "$*" in *audiences*) echo "ERROR: Invalid account Type. Requires valid service account." >&2; exit 1;; esac; echo ${TOKEN}`,
    );
    expect(await openIdentity({})(AUDIENCE)).toBe(TOKEN);
  });

  test('is required: the error lists every place that was tried', async () => {
    await expect(openIdentity({})(AUDIENCE)).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringMatching(/no Google credentials here; gcloud is not installed/),
      hint: expect.stringContaining('LIFEBOAT_ID_TOKEN'),
    });
  });

  test('is named in the header', async () => {
    const { url, asked } = await startBackupNow(lines({ ok: true, ...MADE }));
    const address = { url, display: url, audience: AUDIENCE, local: false };
    const { signal } = new AbortController();
    const outcome = await exchange({
      address,
      database: 'shop',
      token: TOKEN,
      body: '{}',
      key: 'k',
      silenceMs: 5000,
      signal,
    });
    expect([outcome.kind, asked[0]?.token]).toEqual(['done', `Bearer ${TOKEN}`]);
  });
});
