/**
 * Opens the source of a database by its parsed address. Loads the code for its kind only, and
 * connects to nothing. Imports `google`, `config`, `sqlite` and `lib`.
 */
import type { SourceAddress } from '../config/source-address.ts';
import type { StorageClients } from '../google/storage/client.ts';
import { LifeboatError } from '../lib/errors.ts';
import type { HttpsAuth } from './https/request.ts';
import type { Source } from './source.ts';

/** What sources need from outside; each kind of source uses only its own part. */
export type SourceAccess = {
  /** gs: Google's client. */
  readonly storage: () => Promise<StorageClients>;
  /** https with google: an ID token for an audience. */
  readonly idToken: (audience: string) => Promise<string>;
  /** https with bearer: LIFEBOAT_HTTPS_TOKEN. */
  readonly bearer: string | undefined;
  /** ssh: LIFEBOAT_SSH_KEY. */
  readonly sshKey: string | undefined;
  readonly now: () => Date;
};

/** Throws `config_invalid`, whose message repeats no secret. */
export async function openSourceAt(address: SourceAddress, access: SourceAccess): Promise<Source> {
  const { now } = access;
  switch (address.kind) {
    case 'file': {
      const { createFileSource } = await import('./file.ts');
      return createFileSource(address.path, now);
    }
    case 'gs': {
      const { createGsSource } = await import('./gs/gs.ts');
      return createGsSource({ ...address, clients: access.storage, now });
    }
    case 'https': {
      const { createHttpsSource } = await import('./https/https.ts');
      return createHttpsSource({ url: new URL(address.url), auth: authOf(address, access), now });
    }
    case 'ssh': {
      const { createSshSource } = await import('./ssh/ssh.ts');
      return createSshSource({ address, privateKey: access.sshKey, now });
    }
  }
}

function authOf(
  { url, auth, audience }: Extract<SourceAddress, { kind: 'https' }>,
  { bearer = '', idToken }: SourceAccess,
): HttpsAuth {
  if (auth === 'none') return { kind: auth };
  if (auth === 'google')
    return { kind: auth, token: () => idToken(audience ?? new URL(url).origin) };
  if (bearer === '')
    throw new LifeboatError(
      'config_invalid',
      'LIFEBOAT_HTTPS_TOKEN, the token for the source, is not set',
      'Set LIFEBOAT_HTTPS_TOKEN to the token, or set `https.auth` to none in lifeboat.yaml.',
    );
  return { kind: auth, token: async () => bearer };
}
