import { describe, expect, test } from 'vitest';
import { createGcloudTokens, type Gcloud } from '../../core/google/gcloud.ts';

const TOKEN = 'aaa.bbb.ccc';

describe('an ID token of gcloud', () => {
  test('of a service account is for the audience', async () => {
    const asked: (readonly string[])[] = [];
    const tokens = createGcloudTokens(async (args) => {
      asked.push(args);
      return `${TOKEN}\n`;
    });
    expect(await tokens('https://x.example.com')).toBe(TOKEN);
    expect(asked).toEqual([
      ['auth', 'print-identity-token', '--quiet', '--audiences=https://x.example.com'],
    ]);
  });

  test("of a person is gcloud's own, since gcloud refuses an audience for one", async () => {
    const tokens = createGcloudTokens(async (args) => {
      if (args.some((each) => each.startsWith('--audiences')))
        throw new Error(
          'ERROR: (gcloud.auth.print-identity-token) Invalid account Type for `--audiences`. Requires valid service account.',
        );
      return TOKEN;
    });
    expect(await tokens('https://x.example.com')).toBe(TOKEN);
  });

  test.each<[string, Gcloud, RegExp]>([
    [
      'is not installed',
      () => Promise.reject(Object.assign(new Error('spawn gcloud ENOENT'), { code: 'ENOENT' })),
      /not installed/,
    ],
    [
      'is not logged in',
      () =>
        Promise.reject(
          new Error(
            'Command failed\nERROR: (gcloud.auth) You do not currently have an active account selected.\nPlease run:',
          ),
        ),
      /ID token: You do not/,
    ],
    ['prints something else', () => Promise.resolve('WARNING: hello'), /no token/],
  ])('where it %s is config_invalid', async (_, gcloud, says) => {
    await expect(createGcloudTokens(gcloud)('https://x.example.com')).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringMatching(says),
    });
  });
});
