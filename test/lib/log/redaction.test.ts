import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LifeboatError } from '../../../core/lib/errors.ts';
import { createRedaction, hideInError, hideInTexts } from '../../../core/lib/log/redaction.ts';
import { secretParts } from '../../../core/lib/log/secret-parts.ts';
import { identityOf } from '../../support/known-identity.ts';

const hiding = (secret: string) => createRedaction(secretParts(secret)).hide;

describe('a redaction', () => {
  test.each([
    ['as it is', 'no abc-DEF-123 here', 'no *** here'],
    ['in another case', 'no ABC-def-123 here', 'no *** here'],
    ['inside a word', 'no xabc-DEF-123y here', 'no *** here'],
    ['with one letter changed', 'no abc-DEF-x23 here, no XBC-DEF-123', 'no *** here, no ***'],
    ['cut to eight characters', 'bc-DEF-1', '***'],
    ['twice in a row', 'abc-DEF-123abc-DEF-123', '***'],
    ['twice', 'abc-DEF-123 abc-DEF-123', '*** ***'],
    ['in base64', Buffer.from('abc-DEF-123').toString('base64'), '***'],
  ])('hides a secret %s', (_, text, expected) => {
    expect(hiding('abc-DEF-123\n')(text)).toBe(expected);
  });

  test.each([
    ['fewer than eight characters of a secret', 'abc-DEF-123', 'abc-DEF and DEF-123'],
    ['the kind of a key', identityOf('a'), 'copy the line that starts with AGE-SECRET-KEY-1 again'],
    ['the host of an address', 'https://hooks.slack.com/services/T0/x', 'hooks.slack.com/services'],
    ['the scheme of a mistyped address', 'https:/example.com', 'set it to https://'],
    [
      'the header of a private key',
      '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----',
      'not an OPENSSH PRIVATE KEY',
    ],
    ['an ordinary word in a password', 'wrong-password', 'an app password'],
    ['anything of a variable that is not set', '', 'nothing'],
    ['anything of a very short secret', 'abcde', 'abcde'],
  ])('leaves %s', (_, secret, text) => {
    expect(hiding(secret)(text)).toBe(text);
  });

  test.each([
    ['the password of a mail server', 'smtps://me:p%40ssword-1@mail:465', 'p@ssword-1'],
    ['it as the server gets it', 'smtps://me:p%40ssword-1@mail:465', 'AG1lAHBAc3N3b3JkLTE='],
    ['the path of a webhook', 'https://example.com/in/very-secret-path', '/in/very-secret-path'],
    ['a token in a query', 'https://example.com/?token=abcdef01', 'abcdef01'],
    ['a line of a private key', 'b3BlbnNzaC1rZXk\nAAAAB3NzaC1yc2E', 'AAAAB3NzaC1yc2E'],
  ])('hides %s', (_, secret, text) => {
    expect(hiding(secret)(text)).toContain('***');
    expect(hiding(secret)(text)).not.toContain(text);
  });

  test('leaves no fragment of any secret, whatever surrounds it', () => {
    const secret = fc.string({ minLength: 8, maxLength: 60 }).filter((each) => /^\S+$/.test(each));
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), (each, before, after) => {
        const { hide } = createRedaction([each]);
        const clean = hide(`${before}${each}${after}`);
        const length = /[a-z]{8}/.test(each) ? 12 : 8;
        for (let at = 0; at + length <= each.length; at += 1)
          expect(clean).not.toContain(each.slice(at, at + length));
        expect(clean).not.toContain(each);
        expect(hide(clean)).toBe(clean);
      }),
    );
  });

  test('changes the texts of a document, and nothing that is compared', () => {
    const hide = hiding('abc-DEF-123');
    const value = {
      database: 'abc-DEF-123',
      sha256: 'abc-DEF-123',
      checks: [{ name: 'abc-DEF-123', detail: 'got abc-DEF-123' }, { detail: 'fine' }],
      error: { message: 'abc-DEF-123', at: new Date(0) },
      problems: ['abc-DEF-123', 'b'],
    };
    expect(hideInTexts(value, hide)).toEqual({
      ...value,
      checks: [{ name: 'abc-DEF-123', detail: 'got ***' }, { detail: 'fine' }],
      error: { message: '***', at: new Date(0) },
      problems: ['***', 'b'],
    });
    const harmless = { message: 'fine', more: [{ hint: 'well' }] };
    expect(hideInTexts(harmless, hide)).toBe(harmless);
  });

  test('keeps the code of an error', () => {
    const hide = hiding('abc-DEF-123');
    const error = new LifeboatError('source_busy', 'abc-DEF-123 is busy', 'Try abc-DEF-123 again.');
    expect(hideInError(error, hide)).toMatchObject({
      code: 'source_busy',
      message: '*** is busy',
      hint: 'Try *** again.',
    });
    expect(hideInError(new Error('abc-DEF-123'), hide)).toMatchObject({
      code: 'internal',
      message: '***',
    });
    const harmless = new Error('fine');
    expect(hideInError(harmless, hide)).toBe(harmless);
  });
});
