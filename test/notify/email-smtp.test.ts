import { describe, expect, test } from 'vitest';
import { EFFORT } from '../../core/notify/channel/attempts.ts';
import { createSmtp } from '../../core/notify/channel/email-smtp.ts';
import { messageOf } from '../../core/notify/message/message.ts';
import { parseSmtpUrl } from '../../core/notify/channel/smtp-url.ts';
import { channelContract, type Mood } from '../contract/channel.ts';
import { startSmtp, type SmtpRule } from '../fakes/smtp-server.ts';
import { PAD } from '../fakes/notification-services.ts';
import { makeCertificate } from '../support/certificate.ts';
import { SAMPLES } from '../support/notifications.ts';

const login = { user: 'backups@example.com', pass: 'p@ss:very-secret/wörd' };
const credentials = `${encodeURIComponent(login.user)}:${encodeURIComponent(login.pass)}`;
const MAIL = {
  to: ['ops@example.com', 'Ana <ana@example.com>'],
  from: 'Cópias <backups@example.com>',
};
const message = messageOf(SAMPLES.failed, 'pt-BR');
const signal = new AbortController().signal;
const effort = { ...EFFORT, attempts: 1 };

const RULES: Readonly<Record<Mood, SmtpRule>> = {
  rejects: { verb: 'RCPT', reply: '550 5.1.1 no such user' },
  unauthorized: { verb: 'AUTH', reply: '535 5.7.8 authentication failed' },
  forbidden: { verb: 'MAIL', reply: '553 5.7.1 sender not owned by user' },
  busy: { verb: 'MAIL', reply: '451 4.7.1 try again later' },
  broken: { verb: 'CONNECT', reply: '421 4.3.0 service not available' },
  echoes: {
    verb: 'AUTH',
    reply: `535 ${PAD}${login.pass} ${Buffer.from(`\0${login.user}\0${login.pass}`).toString('base64')}`,
  },
  silent: { verb: 'CONNECT', reply: 'silent' },
  cut: { verb: 'DATA', reply: 'cut' },
};

/** The parts of a MIME mail, decoded. */
const decoded = (data: string): string =>
  data
    .replaceAll(/=\r\n/g, '')
    .replaceAll(/(?:=[0-9A-F]{2})+/g, (bytes) =>
      Buffer.from(bytes.replaceAll('=', ''), 'hex').toString(),
    );

channelContract('SMTP', async () => {
  const server = await startSmtp({ login });
  return {
    open: (effort) =>
      createSmtp({ ...MAIL, url: `smtp://${credentials}@127.0.0.1:${server.port}`, effort }),
    mood: (...moods) => server.next(...moods.map((mood) => RULES[mood])),
    requests: server.connections,
    whenSilent: (listener) => {
      server.whenSilent = listener;
    },
    taken: () => server.mails.map(({ data }) => decoded(data)),
    secrets: [
      login.pass,
      'very-secret',
      encodeURIComponent(login.pass),
      Buffer.from(`\0${login.user}\0${login.pass}`).toString('base64'),
    ],
    asksToWait: false,
  };
});

describe('SMTP', () => {
  const { key, cert } = makeCertificate();

  test('the mail has both parts, names both sides and asks robots not to answer', async () => {
    const server = await startSmtp();
    await createSmtp({ ...MAIL, url: `smtp://127.0.0.1:${server.port}` }).send(message, signal);
    expect(server.mails).toMatchObject([
      {
        from: 'backups@example.com',
        to: ['ops@example.com', 'ana@example.com'],
        encrypted: false,
        user: undefined,
      },
    ]);
    const data = server.mails[0]?.data ?? '';
    expect(data).toMatch(/^Auto-Submitted: auto-generated$/m);
    expect(data).toMatch(/^Message-ID: <[0-9a-f-]{36}@example\.com>$/m);
    expect(data).toMatch(/^Content-Type: multipart\/alternative/m);
    expect(decoded(data)).toContain('Último backup bom');
  });

  test('STARTTLS is used where it is offered, and the password goes only through it', async () => {
    const server = await startSmtp({ login, tls: { key, cert } });
    await createSmtp({
      ...MAIL,
      url: `smtp://${credentials}@localhost:${server.port}?starttls=required`,
      ca: cert,
    }).send(message, signal);
    expect(server.mails).toMatchObject([{ encrypted: true, user: login.user }]);
    expect(server.lines.findIndex((line) => line.startsWith('AUTH'))).toBeGreaterThan(
      server.lines.indexOf('STARTTLS'),
    );
  });

  test('smtps is encrypted from the first byte', async () => {
    const server = await startSmtp({ login, tls: { key, cert, implicit: true } });
    await createSmtp({
      ...MAIL,
      url: `smtps://${credentials}@localhost:${server.port}`,
      ca: cert,
    }).send(message, signal);
    expect(server.mails).toMatchObject([{ encrypted: true, user: login.user }]);
    expect(server.lines).not.toContain('STARTTLS');
  });

  test.each([
    ['offers no STARTTLS', {}],
    ['has a certificate of a stranger', { tls: { key, cert } }],
  ])('a server that %s never sees the password', async (_, options) => {
    const server = await startSmtp({ login, ...options });
    const sent = createSmtp({
      ...MAIL,
      url: `smtp://${credentials}@localhost:${server.port}?starttls=required`,
      effort,
    }).send(message, signal);
    await expect(sent).rejects.toMatchObject({
      code: 'notify_failed',
      hint: expect.stringMatching(/smtps:\/\/ for port 465/),
    });
    expect(server.lines.filter((line) => /^AUTH|^MAIL/.test(line))).toEqual([]);
  });

  test('a recipient that does not exist is a warning, not a reason to send the others the mail again', async () => {
    const server = await startSmtp({ unknown: ['ana@example.com'] });
    const receipt = await createSmtp({ ...MAIL, url: `smtp://127.0.0.1:${server.port}` }).send(
      message,
      signal,
    );
    expect(receipt).toEqual({ warning: 'the server refused 1 of 2 recipients: ana@example.com' });
    expect(server.mails).toHaveLength(1);
  });

  test('a wrong password, and nobody listening, say what to do', async () => {
    const server = await startSmtp({ login });
    const wrong = createSmtp({
      ...MAIL,
      url: `smtp://me:very-secret@127.0.0.1:${server.port}`,
      effort,
    }).send(message, signal);
    await expect(wrong).rejects.toMatchObject({
      hint: expect.stringContaining('app password'),
      message: expect.not.stringContaining('very-secret'),
    });
    const nobody = createSmtp({ ...MAIL, url: 'smtp://127.0.0.1:1', effort }).send(message, signal);
    await expect(nobody).rejects.toMatchObject({
      hint: expect.stringContaining('Check host and port in SMTP_URL'),
    });
  });
});

describe('SMTP_URL', () => {
  test.each([
    [
      'smtps://u:p%40ss@mail.example.com',
      { host: 'mail.example.com', port: 465, security: 'tls', auth: { user: 'u', pass: 'p@ss' } },
    ],
    [
      'smtp://u:p@mail.example.com',
      { host: 'mail.example.com', port: 587, security: 'required', auth: { user: 'u', pass: 'p' } },
    ],
    [
      'smtp://mail.example.com:2525/?starttls=optional',
      { host: 'mail.example.com', port: 2525, security: 'optional' },
    ],
    [
      'smtp://mail.example.com:25?starttls=never',
      { host: 'mail.example.com', port: 25, security: 'never' },
    ],
    [
      'smtp://u:p@localhost:1025',
      { host: 'localhost', port: 1025, security: 'optional', auth: { user: 'u', pass: 'p' } },
    ],
    ['smtp://[::1]:1025', { host: '::1', port: 1025, security: 'optional' }],
  ])('%s', (url, expected) => expect(parseSmtpUrl(url)).toEqual(expected));

  test.each([
    ['mail.example.com'],
    ['https://very-secret@mail.example.com'],
    ['smtp://'],
    ['smtp://u:very-secret@mail.example.com?starttls=optional'],
    ['smtp://u:very-secret@mail.example.com?starttls=never'],
    ['smtp://u:very-secret@mail.example.com?starttls=maybe'],
    ['smtp://u:very-secret@mail.example.com?tls.rejectUnauthorized=false'],
    ['smtps://u:very-secret@mail.example.com?starttls=required'],
    ['smtp://u:very-secret@mail.example.com/path'],
    ['smtp://u:very-secret%zz@mail.example.com'],
  ])('%s is refused, without repeating it', (url) => {
    expect(() => parseSmtpUrl(url)).toThrow(
      expect.objectContaining({
        code: 'config_invalid',
        message: expect.not.stringContaining('very-secret'),
      }),
    );
  });
});
