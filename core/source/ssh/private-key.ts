import ssh2 from 'ssh2';
import { LifeboatError } from '../../lib/errors.ts';

const MAKE_ONE =
  'Create a key for Lifeboat alone: `ssh-keygen -t ed25519 -N "" -f lifeboat_key`, and set LIFEBOAT_SSH_KEY to the content of the file lifeboat_key.';

/**
 * The private key in the form that ssh2 reads. Throws `config_invalid` before any connection when
 * it is not usable; no error repeats a part of the key.
 */
export function readPrivateKey(text: string | undefined): string {
  if (text === undefined || text.trim() === '')
    throw keyFault('there is no key to log in with: LIFEBOAT_SSH_KEY is not set', MAKE_ONE);
  const key = `${text.replaceAll('\r\n', '\n').trim()}\n`;
  const result = ssh2.utils.parseKey(key);
  const parsedKey = Array.isArray(result) ? result[0] : result;
  if (parsedKey instanceof Error || parsedKey === undefined) {
    if (/encrypted|passphrase/i.test(parsedKey?.message ?? ''))
      throw keyFault(
        'the key in LIFEBOAT_SSH_KEY is protected by a passphrase, which nobody can type here',
        MAKE_ONE,
      );
    throw keyFault(
      'the text in LIFEBOAT_SSH_KEY is not a private key',
      `Set LIFEBOAT_SSH_KEY to the whole file with its first and last line. ${MAKE_ONE}`,
    );
  }
  if (!parsedKey.isPrivateKey())
    throw keyFault(
      'the text in LIFEBOAT_SSH_KEY is the public key',
      'Set LIFEBOAT_SSH_KEY to the private key, the file without .pub.',
    );
  return key;
}

function keyFault(message: string, hint: string): LifeboatError {
  return new LifeboatError('config_invalid', message, hint);
}
