import { randomBytes } from 'node:crypto';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { LifeboatError } from '../errors.ts';

/** What decrypts and authenticates: the age identities and LIFEBOAT_KEY (32 bytes), as far as they are given. */
export type Keys = { readonly identities: readonly string[]; readonly key?: Buffer };

/** A new age identity, its recipient, and a new LIFEBOAT_KEY (64 hex digits). */
export const generateKeys = async (): Promise<{ identity: string; recipient: string; key: string }> => {
  const identity = await generateX25519Identity();
  return { identity, recipient: await identityToRecipient(identity), key: randomBytes(32).toString('hex') };
};

/** Reads the secrets' texts; LIFEBOAT_IDENTITY may hold several lines and comments, as the file of age-keygen does. */
export const parseKeys = (identity: string | undefined, key: string | undefined): Keys => {
  if (key !== undefined && key !== '' && !/^[0-9a-f]{64}$/i.test(key.trim()))
    throw new LifeboatError(
      'key_wrong',
      'LIFEBOAT_KEY is not 64 hex digits',
      'Make one with `lifeboat keygen` and keep it where the identity is kept.',
    );
  const lines = (identity ?? '').split('\n').map((line) => line.trim());
  const identities = lines.filter((line) => line !== '' && !line.startsWith('#'));
  if (identities.some((line) => !line.startsWith('AGE-SECRET-KEY-1')))
    throw new LifeboatError(
      'key_wrong',
      'LIFEBOAT_IDENTITY is not an age identity',
      'It is a line that starts with AGE-SECRET-KEY-1; `lifeboat keygen` makes one.',
    );
  return key ? { identities, key: Buffer.from(key.trim(), 'hex') } : { identities };
};
