import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { decrypt } from '../../core/format/encryption.ts';
import { generateKeys, parseKeys } from '../../core/format/keys.ts';
import { identityOf } from '../support/known-identity.ts';

const IDENTITY = identityOf('a mistyped identity');
const SECRET = IDENTITY.slice('AGE-SECRET-KEY-1'.length);

/** Everything that an error could give away: message, hint, facts, stack and causes. */
const shownBy = async (work: () => unknown): Promise<string> => {
  try {
    await work();
  } catch (error) {
    return inspect(error, { depth: 10 }) + JSON.stringify(error);
  }
  throw new Error('the mistyped identity was accepted');
};

const swapped = (at: number): string => {
  const letter = IDENTITY[at] === 'Q' ? 'P' : 'Q';
  return `${IDENTITY.slice(0, at)}${letter}${IDENTITY.slice(at + 1)}`;
};

describe('an identity that was mistyped', () => {
  const cases: [string, string][] = [
    ['without its last letter', IDENTITY.slice(0, -1)],
    ['without its checksum', IDENTITY.slice(0, -6)],
    ['with one letter too many', `${IDENTITY}Q`],
    ['in lower case', IDENTITY.toLowerCase()],
    ['in mixed case', IDENTITY.slice(0, -1) + IDENTITY.slice(-1).toLowerCase()],
    ['with a line break in it', `${IDENTITY.slice(0, 40)}\n${IDENTITY.slice(40)}`],
    ['with a space in it', `${IDENTITY.slice(0, 40)} ${IDENTITY.slice(40)}`],
    ['in quotes', `"${IDENTITY}"`],
    ['with a name before it', `identity=${IDENTITY}`],
    ['that is its prefix alone', 'AGE-SECRET-KEY-1'],
    ...Array.from({ length: IDENTITY.length - 16 }, (_, at): [string, string] => [
      `with another letter at ${at + 16}`,
      swapped(at + 16),
    ]),
  ];

  test.each(cases)('%s is named and never shown', async (_, text) => {
    const shown = await shownBy(() => parseKeys(text, undefined));
    expect(shown).toContain('key_wrong');
    expect(shown).toContain('LIFEBOAT_IDENTITY');
    for (let at = 0; at + 12 <= SECRET.length; at += 1)
      expect(shown.toUpperCase()).not.toContain(SECRET.slice(at, at + 12));
  });

  test('is never shown by decryption either, which loads the age library', async () => {
    for (const text of [IDENTITY.slice(0, -1), swapped(30)]) {
      const shown = await shownBy(async () => {
        const input = (async function* () {
          yield Buffer.from('age-encryption.org/v1\n');
        })();
        for await (const piece of decrypt(input, [text])) expect(piece).toBeDefined();
      });
      expect(shown).toContain('key_wrong');
      expect(shown).not.toContain(SECRET.slice(0, 12));
    }
  });

  test('is named by its number among several', () => {
    expect(() => parseKeys(`# mine\n${IDENTITY}\n${swapped(20)}\n`, undefined)).toThrow(
      'and identity 2 is mistyped',
    );
  });
});

test('a new identity, and one in a file of age-keygen, is accepted', async () => {
  const { identity } = await generateKeys();
  expect(parseKeys(identity, undefined).identities).toEqual([identity]);
  expect(parseKeys(`# public key: age1…\r\n${IDENTITY}\r\n`, undefined).identities).toEqual([
    IDENTITY,
  ]);
});
