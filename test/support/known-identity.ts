import { createHash } from 'node:crypto';
import { bech32 } from '@scure/base';

/** An age identity derived from a phrase, so that test vectors need no stored secret. */
export function identityOf(phrase: string): string {
  const bytes = createHash('sha256').update(phrase).digest();
  return bech32.encodeFromBytes('age-secret-key-', bytes).toUpperCase();
}

/** A LIFEBOAT_KEY derived from a phrase. */
export function keyOf(phrase: string): string {
  return createHash('sha256').update(phrase).digest('hex');
}
