import { randomBytes } from 'node:crypto';
import { bech32 } from '@scure/base';
import { LifeboatError } from '../lib/errors.ts';

/**
 * What decrypts and authenticates: the age identities and the keys of LIFEBOAT_KEY (32 bytes each),
 * as far as they are given.
 */
export type Keys = {
  readonly identities: readonly string[];
  /** Writes, and reads. */
  readonly key?: Buffer;
  /** Read only: what the key was before it was rotated. */
  readonly olderKeys: readonly Buffer[];
};

/** A new age identity, its recipient, and a new LIFEBOAT_KEY (64 hex digits). */
export async function generateKeys(): Promise<{
  identity: string;
  recipient: string;
  key: string;
}> {
  const { generateX25519Identity, identityToRecipient } = await import('age-encryption');
  const identity = await generateX25519Identity();
  return {
    identity,
    recipient: await identityToRecipient(identity),
    key: randomBytes(32).toString('hex'),
  };
}

/**
 * Reads the secrets' texts. LIFEBOAT_IDENTITY may have several lines; of LIFEBOAT_KEY the first
 * word writes, the others are older keys. Throws `key_wrong`.
 */
export function parseKeys(identity: string | undefined, key: string | undefined): Keys {
  const words = linesOf(key).flatMap((line) => line.split(/[\s,]+/));
  if (words.some((word) => !/^[0-9a-f]{64}$/i.test(word)))
    throw new LifeboatError(
      'key_wrong',
      words.length === 1
        ? 'LIFEBOAT_KEY is not 64 hex digits'
        : `LIFEBOAT_KEY has ${words.length} words, and one of them is not 64 hex digits`,
      'Set LIFEBOAT_KEY to the 64 hex digits that `lifeboat keygen` prints after `LIFEBOAT_KEY=`. Older keys may follow, separated by spaces.',
    );
  const identities = linesOf(identity);
  const wrong = identities.findIndex((line) => !isIdentity(line));
  if (wrong >= 0)
    throw new LifeboatError(
      'key_wrong',
      identities.length === 1
        ? 'LIFEBOAT_IDENTITY is not an age identity: it is mistyped or incomplete'
        : `LIFEBOAT_IDENTITY has ${identities.length} lines, and identity ${wrong + 1} is mistyped or incomplete`,
      'Copy the whole line that starts with AGE-SECRET-KEY-1 again. A new identity from `lifeboat keygen` does not decrypt older backups.',
    );
  const [first, ...olderKeys] = words.map((word) => Buffer.from(word, 'hex'));
  return first ? { identities, key: first, olderKeys } : { identities, olderKeys };
}

/**
 * Whether the text is a complete X25519 identity, by its checksum. The age library would find out
 * later, with the whole secret in its message. https://age-encryption.org/v1#the-x25519-recipient-type
 */
function isIdentity(text: string): boolean {
  if (text !== text.toUpperCase()) return false;
  try {
    const { prefix, bytes } = bech32.decodeToBytes(text);
    return prefix === 'age-secret-key-' && bytes.length === 32;
  } catch {
    return false;
  }
}

/** The lines of a secret that say something; a file of age-keygen has comments. */
function linesOf(text: string | undefined): string[] {
  return (text ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}
