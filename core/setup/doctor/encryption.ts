import { decrypt, encrypt } from '../../format/encryption.ts';
import type { Keys } from '../../format/keys.ts';
import { collect, once } from '../../lib/bytes.ts';
import type { DatabaseConfig } from '../../config/load.ts';
import { LifeboatError } from '../../lib/errors.ts';
import { fault, ok, type Finding } from './finding.ts';

const PROBE = Buffer.from('Can what is encrypted for these recipients be opened?');

/** Encrypts for the recipients of a database, and opens it again where an identity is here. */
export async function checkEncryption(
  { name, recipients }: DatabaseConfig,
  { identities }: Keys,
): Promise<Finding[]> {
  const sealed = await collect(encrypt(once(PROBE), recipients));
  const many = `${recipients.length} ${recipients.length === 1 ? 'recipient' : 'recipients'}`;
  if (identities.length === 0)
    return [
      ok(
        'encryption',
        name,
        `encrypts for ${many}; no identity is here, as it should be where backups are made, so opening was not tried`,
      ),
    ];
  try {
    const opened = await collect(decrypt(once(sealed), identities));
    if (opened.equals(PROBE))
      return [ok('encryption', name, `encrypts for ${many}, and the identity here opens it`)];
  } catch (error) {
    if (!(error instanceof LifeboatError)) throw error;
  }
  return [
    fault(
      'encryption',
      name,
      'key_wrong',
      'no identity in LIFEBOAT_IDENTITY opens what is encrypted for its recipients',
      'Add the recipient of your identity to encryption.recipients, or set LIFEBOAT_IDENTITY to the identity that belongs to one of them; older backups stay as they are.',
    ),
  ];
}
