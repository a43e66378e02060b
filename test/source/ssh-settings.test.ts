import { generateKeyPairSync } from 'node:crypto';
import ssh2 from 'ssh2';
import { describe, expect, test } from 'vitest';
import { parseSourceAddress, sourceAddressProblem } from '../../core/config/source-address.ts';
import { formatSsh } from '../../core/source/ssh/address.ts';
import { scriptFailure } from '../../core/source/ssh/failures.ts';
import { fingerprintOf, parseHostKeys, typeOf } from '../../core/source/ssh/host-keys.ts';
import { readPrivateKey } from '../../core/source/ssh/private-key.ts';
import { singleQuoted } from '../../core/lib/processes/shell.ts';
import { keyPair } from '../support/ssh-server.ts';

const thrown = (work: () => unknown): { code: string; message: string; hint: string } => {
  try {
    work();
  } catch (error) {
    return error as { code: string; message: string; hint: string };
  }
  throw new Error('nothing was thrown');
};

describe('an address', () => {
  test.each([
    [
      'ssh://backup@example.com/srv/app.db',
      { user: 'backup', host: 'example.com', port: 22, path: '/srv/app.db' },
    ],
    [
      'ssh://a%40b@[2001:db8::1]:2222/a%20b%0A%24(x).db',
      { user: 'a@b', host: '2001:db8::1', port: 2222, path: '/a b\n$(x).db' },
    ],
    ['ssh://u@h/%C3%A7', { user: 'u', host: 'h', port: 22, path: '/ç' }],
    ['ssh://u@h/50%2525', { user: 'u', host: 'h', port: 22, path: '/50%25' }],
  ])('%s is read, and written again', (text, address) => {
    const parse = (each: string) => parseSourceAddress(each, '/', {}).origin;
    expect(sourceAddressProblem(text)).toBeUndefined();
    expect(parse(text)).toMatchObject(address);
    expect(parse(formatSsh(address))).toMatchObject(address);
  });

  test.each([['plain'], ["it's"], ["'"], ['$(x)`y`"z"\\'], ['a\nb'], ["''"]])(
    '%j is one word for a shell',
    (text) => {
      // What POSIX says of single quotes, in reverse.
      expect(
        singleQuoted(text)
          .slice(1, -1)
          .replaceAll(String.raw`'\''`, "'"),
      ).toBe(text);
    },
  );
});

const { public: line, private: openssh } = keyPair();
const blob = Buffer.from(line.split(' ')[1] ?? '', 'base64');

describe('the pinned key of a host', () => {
  const at = { host: 'h.example', port: 22 };
  const print = fingerprintOf(blob);
  test.each([
    ['a line of a public key', line],
    ['a line of ssh-keyscan', `h.example ${line}`],
    ['a line of ssh-keyscan with a port', `[h.example]:2222 ${line}`],
    ['a line with spaces around', `  ${line} \n`],
  ])('is read from %s', (_, text) => {
    expect(parseHostKeys([text], at)).toEqual({ fingerprints: [print], types: ['ssh-ed25519'] });
    expect(typeOf(blob)).toBe('ssh-ed25519');
  });

  test('is read from a fingerprint, and then its type is open', () => {
    expect(parseHostKeys([print, `${print}=`], at)).toEqual({
      fingerprints: [print, print],
      types: undefined,
    });
    expect(parseHostKeys([print, line], at).types).toBeUndefined();
  });

  test('of RSA is asked for with SHA-2', () => {
    const rsa = ssh2.utils.generateKeyPairSync('rsa', { bits: 2048 }).public;
    expect(parseHostKeys([rsa, line], at).types).toEqual([
      'rsa-sha2-512',
      'rsa-sha2-256',
      'ssh-ed25519',
    ]);
  });

  test('that is not given is config_invalid, with the command that shows it and the word that it must be compared', () => {
    expect(thrown(() => parseHostKeys([], { host: 'h.example', port: 2222 }))).toMatchObject({
      code: 'config_invalid',
      hint: expect.stringMatching(
        /ssh-keyscan -p 2222 h\.example.*ssh-keygen -lf.*If the fingerprints are the same/,
      ),
    });
  });

  test.each([
    ['MD5:16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48'],
    ['SHA256:short'],
    [''],
    ['ssh-ed25519 AAAA'],
    [line.replace('ssh-ed25519', 'ssh-rsa')],
    [openssh],
  ])('%j is config_invalid', (text) => {
    expect(thrown(() => parseHostKeys([line, text], at)).code).toBe('config_invalid');
  });
});

describe('the private key', () => {
  const locked = ssh2.utils.generateKeyPairSync('rsa', {
    bits: 2048,
    passphrase: 'hunter2',
    cipher: 'aes256-ctr',
    rounds: 4,
  }).private;
  const pem = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  }).privateKey;

  test.each([
    ['of OpenSSH', openssh],
    ['in PEM', pem],
    ['without its last line break', openssh.trimEnd()],
    ['with the line breaks of Windows', openssh.replaceAll('\n', '\r\n')],
  ])('%s is read', (_, text) => {
    expect(readPrivateKey(text)).toContain('PRIVATE KEY');
  });

  test.each([
    ['that is missing', undefined, /not set/],
    ['that is empty', ' \n', /not set/],
    ['with a passphrase', locked, /passphrase/],
    ['that is the public one', line, /public/],
    ['that is cut off', openssh.slice(0, 150), /not a private key/],
    ['that is no key', 'hunter2', /not a private key/],
  ])('%s is config_invalid, and nothing of it is repeated', (_, text, message) => {
    const error = thrown(() => readPrivateKey(text));
    expect(error).toMatchObject({
      code: 'config_invalid',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/\.$/),
    });
    expect(`${error.message}${error.hint}`).not.toMatch(/hunter2|b3BlbnNza/);
  });
});

test.each(['constructor', 'toString', '__proto__'])(
  'a host that fails with the word %s is not believed to have said anything known',
  (word) => {
    const address = { user: 'u', host: 'h', port: 22, path: '/srv/app.db' };
    const fail = { word, detail: 'who knows' };
    expect(scriptFailure({ quiet: false, done: false, noise: '', fail }, address)).toMatchObject({
      code: 'source_unreachable',
      message: 'h cannot copy the database: who knows',
    });
  },
);

describe('what sqlite3 says on the host', () => {
  const address = { user: 'u', host: 'h', port: 22, path: '/srv/app.db' };
  test.each([
    ['Error: database is locked', 'source_busy'],
    ['Error: source database is busy', 'source_busy'],
    ['Error: database disk image is malformed', 'source_invalid'],
    ['Parse error near line 3: file is not a database (26)', 'source_invalid'],
    ['Error: malformed database schema (t) - near "STRICT": syntax error', 'source_invalid'],
    [
      'Error: unable to open database "/srv/app.db": unable to open database file',
      'source_unreachable',
    ],
    ['Error: database or disk is full', 'insufficient_space'],
    ['Segmentation fault', 'source_unreachable'],
    ['', 'source_unreachable'],
  ])('%j is %s', (detail, code) => {
    expect(
      scriptFailure(
        { quiet: false, done: false, noise: '', fail: { word: 'sqlite', detail } },
        address,
      ),
    ).toMatchObject({
      code,
      hint: expect.stringMatching(/\.$/),
    });
  });
});
