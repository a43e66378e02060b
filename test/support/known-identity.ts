import { createHash } from 'node:crypto';

const CHARSET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const GENERATORS = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

/** An age identity that follows from a phrase (Bech32, BIP 173), so that test vectors need no stored secret. */
export function identityOf(phrase: string): string {
  const prefix = 'age-secret-key-';
  const words: number[] = [];
  let [bits, length] = [0, 0];
  for (const byte of createHash('sha256').update(phrase).digest()) {
    bits = (bits << 8) | byte;
    for (length += 8; length >= 5; length -= 5) words.push((bits >> (length - 5)) & 31);
    bits &= 255;
  }
  if (length > 0) words.push((bits << (5 - length)) & 31);
  const letters = Array.from({ length: prefix.length }, (_, at) => prefix.charCodeAt(at));
  const check =
    polymod([
      ...letters.map((code) => code >> 5),
      0,
      ...letters.map((code) => code & 31),
      ...words,
      0,
      0,
      0,
      0,
      0,
      0,
    ]) ^ 1;
  const sum = Array.from({ length: 6 }, (_, at) => (check >> (5 * (5 - at))) & 31);
  return `${prefix}1${[...words, ...sum].map((word) => CHARSET[word]).join('')}`.toUpperCase();
}

/** A LIFEBOAT_KEY that follows from a phrase. */
export function keyOf(phrase: string): string {
  return createHash('sha256').update(phrase).digest('hex');
}

function polymod(values: readonly number[]): number {
  return values.reduce((sum, value) => {
    const mixed = ((sum & 0x1ffffff) << 5) ^ value;
    return GENERATORS.reduce(
      (each, generator, bit) => (((sum >>> 25) >>> bit) & 1 ? each ^ generator : each),
      mixed,
    );
  }, 1);
}
