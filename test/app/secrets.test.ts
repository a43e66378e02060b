import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openApp } from '../../core/app/open.ts';
import { ENVIRONMENT_SECRETS } from '../../core/config/secrets.ts';
import { LifeboatError } from '../../core/lib/errors.ts';
import type { Notification } from '../../core/notify/notification.ts';
import { doctor } from '../../core/setup/doctor/doctor.ts';
import { BACKUP } from '../support/app.ts';
import { runCli } from '../support/cli.ts';
import { sql, SMALL } from '../support/databases.ts';
import { folder } from '../support/files.ts';
import { identityOf, keyOf } from '../support/known-identity.ts';

const RANDOM = 'Zq8Wc0aVNT6xLr2PkD9mHs4Yb1EgUf7J';
/** The secret part of each variable, in what surrounds it. */
const SECRETS: Readonly<Record<string, (secret: string) => string>> = {
  LIFEBOAT_HTTPS_TOKEN: (secret) => secret,
  LIFEBOAT_ID_TOKEN: (secret) => `eyJh.${secret}.c2ln`,
  LIFEBOAT_PUSH_URL: (secret) => `http://127.0.0.1:9/${secret}`,
  LIFEBOAT_SERVE_TOKEN: (secret) => secret,
  LIFEBOAT_SSH_KEY: (secret) =>
    `-----BEGIN OPENSSH PRIVATE KEY-----\n${secret}\n-----END OPENSSH PRIVATE KEY-----`,
  LIFEBOAT_WEBHOOK_SECRET: (secret) => secret,
  SENDGRID_API_KEY: (secret) => `SG.mail.${secret}`,
  DISCORD_WEBHOOK_URL: (secret) => `https://127.0.0.1:9/api/webhooks/1/${secret}`,
  NTFY_TOKEN: (secret) => `tk_${secret}`,
  TEAMS_WEBHOOK_URL: (secret) => `https://127.0.0.1:9/workflows/x?sig=${secret}`,
  SLACK_WEBHOOK_URL: (secret) => `https://127.0.0.1:9/services/T0/${secret}`,
  SMTP_URL: (secret) => `smtps://me:${secret}@127.0.0.1:9`,
  TELEGRAM_BOT_TOKEN: (secret) => `123456:${secret}`,
};
const secretOf = (name: string) => `${keyOf(name).slice(0, 5)}${RANDOM}`;
const NAMES = Object.keys(SECRETS);
const CONFIGURED = ['ping', 'health', 'webhook'].map(secretOf);
const [IDENTITY, KEY] = [identityOf('secrets'), keyOf('secrets')];
const AGE = 'AGE-SECRET-KEY-1';
/** Everything that must not appear. */
const ALL = [...NAMES.map(secretOf), ...CONFIGURED, IDENTITY.slice(AGE.length), KEY];

const half = (text: string) => Math.ceil(text.length / 2);
/** What people do to a secret, and what programs do to it in a message. */
const CHANGES: Readonly<Record<string, (text: string) => string>> = {
  'as they are': (text) => text,
  'with one letter changed': (text) =>
    `${text.slice(0, -9)}${text.at(-9) === 'x' ? 'y' : 'x'}${text.slice(-8)}`,
  cut: (text) => text.slice(0, -5),
  'in the wrong case': (text) =>
    text.replaceAll(/[a-z]/gi, (each) =>
      each === each.toLowerCase() ? each.toUpperCase() : each.toLowerCase(),
    ),
  'with a line break': (text) => `${text.slice(0, half(text))}\n${text.slice(half(text))}`,
};
const changed = (change: string, text: string) => CHANGES[change]?.(text) ?? text;
const environment = (change: string) =>
  Object.fromEntries(NAMES.map((name) => [name, SECRETS[name]?.(changed(change, secretOf(name)))]));

/** Every eight characters of these secrets that the text has, in any case. */
function leaksIn(text: string, secrets: readonly string[]): string[] {
  const lower = text.toLowerCase();
  return secrets
    .flatMap((secret) => secret.toLowerCase().split('\n'))
    .flatMap((line) => line.split('').map((_, at) => line.slice(at, at + 8)))
    .filter((each) => each.length === 8 && lower.includes(each));
}

function workspace(): string {
  const cwd = folder();
  sql(join(cwd, 'shop.db'), SMALL);
  writeFileSync(
    join(cwd, 'lifeboat.yaml'),
    `databases: { shop: { source: shop.db, schedule: "0 3 * * *", health: { url: "http://127.0.0.1:9/${CONFIGURED[1]}", required: false } } }
watch: { ping: "http://127.0.0.1:9/${CONFIGURED[0]}" }
notify: { slack: {}, telegram: { chat: "-1" }, email: { to: [ops@example.com], from: a@example.com }, webhook: { url: "http://127.0.0.1:9/?token=${CONFIGURED[2]}" } }
`,
  );
  return cwd;
}

const stored = (cwd: string) =>
  globSync(join(cwd, 'backups/**/*.json'))
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n');

describe('an error of a library that quotes every secret', () => {
  // The text has the variant; the process knows the secret either so or as it is.
  test.each(
    Object.keys(CHANGES).flatMap((change) => [
      [change, 'known so', environment(change)] as const,
      [change, 'known as they are', environment('as they are')] as const,
    ]),
  )('%s, %s, is not stored, logged, sent or thrown', async (change, _, env) => {
    const quoted = ALL.map((secret) => changed(change, secret));
    const cwd = workspace();
    const lines: unknown[] = [];
    const sent: Notification[] = [];
    const app = await openApp({
      cwd,
      env: { TMPDIR: cwd, LIFEBOAT_IDENTITY: IDENTITY, LIFEBOAT_KEY: KEY, ...env },
      log: (...line) => void lines.push(line),
      overrides: {
        notifier: {
          channels: ['slack'],
          notify: async (notification) => {
            sent.push(notification);
            return [{ channel: 'slack', ok: true, durationMs: 1 }];
          },
        },
        openSource: async () => {
          throw new Error(`cannot parse ${quoted.join(' or ')}`);
        },
      },
    });
    const error: unknown = await app.backup('shop', BACKUP).catch((each: unknown) => each);
    expect(error).toBeInstanceOf(LifeboatError);
    const { message, hint } = error as LifeboatError;
    expect(message).toContain('cannot parse');
    expect([lines.length > 0, sent.length, stored(cwd).includes('cannot parse')]).toEqual([
      true,
      1,
      true,
    ]);
    const outputs = { message, hint, lines: JSON.stringify(lines), sent: JSON.stringify(sent) };
    for (const [place, text] of Object.entries({ ...outputs, stored: stored(cwd) }))
      expect([place, leaksIn(text, [...ALL, ...quoted])]).toEqual([place, []]);
  });
});

describe('a command with secrets', () => {
  test.each(['with one letter changed', 'cut', 'in the wrong case', 'with a line break'])(
    '%s prints, logs and stores none of them',
    async (change) => {
      const cwd = workspace();
      const keys = {
        LIFEBOAT_IDENTITY: `${AGE}${changed(change, IDENTITY.slice(AGE.length))}`,
        LIFEBOAT_KEY: changed(change, KEY),
      };
      const env = { ...environment(change), ...keys };
      const secrets = [...ALL, ...ALL.map((secret) => changed(change, secret))];
      for (const args of [['backup', 'shop', '--notify'], ['notify-test'], ['list', '--json']]) {
        const { stdout, stderr } = await runCli(cwd, args, env);
        expect([args[0], leaksIn(stdout + stderr, secrets)]).toEqual([args[0], []]);
      }
      const signal = new AbortController().signal;
      const { findings } = await doctor({ cwd, env: { TMPDIR: cwd, ...env }, signal });
      expect(leaksIn(JSON.stringify(findings), secrets)).toEqual([]);
      expect(leaksIn(stored(cwd), secrets)).toEqual([]);
    },
  );
});

test('every secret of a deployment is known to the redaction', () => {
  const text = readFileSync(join(import.meta.dirname, '../../infra/module/secrets.tf'), 'utf8');
  const readers = /secret_readers = \{(.*?)\n {2}\}/s.exec(text)?.[1] ?? '';
  const names = [...readers.matchAll(/^ +([A-Z_]+) +=/gm)].map(([, name = '']) => name);
  expect(names.length).toBeGreaterThan(8);
  expect(names.filter((name) => !ENVIRONMENT_SECRETS.includes(name))).toEqual([]);
});
