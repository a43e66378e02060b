import { decrypt, encrypt } from '../../format/encryption.ts';
import type { Keys } from '../../format/keys.ts';
import { collect, once } from '../../lib/bytes/bytes.ts';
import type { DatabaseConfig } from '../../config/load.ts';
import { counted } from '../../watch/finding.ts';
import { LifeboatError } from '../../lib/errors.ts';
import { fault, ok, type DoctorFinding } from './finding.ts';

const PROBE = Buffer.from('Does an identity here decrypt this?');

/** Encrypts a text for the recipients of a database, and decrypts it when there is an identity. */
export async function checkEncryption(
  { name, recipients }: DatabaseConfig,
  { identities }: Keys,
): Promise<DoctorFinding[]> {
  const sealed = await collect(encrypt(once(PROBE), recipients));
  const recipientCount = counted(recipients.length, 'recipient');
  if (identities.length === 0)
    return [
      ok(
        'encryption',
        name,
        `encryption for ${recipientCount} works; decryption not tried, because LIFEBOAT_IDENTITY is not set (right for a machine that only makes backups)`,
      ),
    ];
  try {
    const content = await collect(decrypt(once(sealed), identities));
    if (content.equals(PROBE))
      return [ok('encryption', name, `encryption for ${recipientCount} and decryption work`)];
  } catch (error) {
    if (!(error instanceof LifeboatError)) throw error;
  }
  return [
    fault('encryption', name, {
      code: 'key_wrong',
      detail: 'no identity in LIFEBOAT_IDENTITY decrypts backups for these recipients',
      hint: 'Add the recipient of your identity to encryption.recipients, or set LIFEBOAT_IDENTITY to the identity of one of them; older backups do not change.',
    }),
  ];
}
