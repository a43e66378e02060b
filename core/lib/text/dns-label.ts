import { createHash } from 'node:crypto';

const LABEL_LENGTH = 30;
const DIGEST_LENGTH = 6;

/**
 * A name as the middle of a DNS label (lower-case letters, digits and hyphens), at most 30
 * characters long. Names that differ give labels that differ: one that must be changed gets a
 * digest of the original at its end.
 */
export function dnsLabel(name: string): string {
  if (/^[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?$/.test(name)) return name;
  const readable = name
    .toLowerCase()
    .replaceAll('_', '-')
    .slice(0, LABEL_LENGTH - DIGEST_LENGTH - 1);
  return `${readable}-${createHash('sha256').update(name).digest('hex').slice(0, DIGEST_LENGTH)}`;
}
