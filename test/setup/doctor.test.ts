import { existsSync, mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { generateKeys } from '../../core/format/keys.ts';
import { doctor, type DoctorOptions } from '../../core/setup/doctor/doctor.ts';
import {
  doctorError,
  runExamination,
  type DoctorFinding,
} from '../../core/setup/doctor/finding.ts';
import { checkCopy, checkStore } from '../../core/setup/doctor/store.ts';
import { expectedRule } from '../../core/watch/bucket.ts';
import type { Store } from '../../core/store/store.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { startService } from '../fakes/http-service.ts';
import { POLICIES } from '../fakes/gcs-server/permissions.ts';
import { startScheduler } from '../fakes/scheduler-server.ts';
import { startSmtp } from '../fakes/smtp-server.ts';
import { sql, SMALL } from '../support/databases.ts';
import { fingerprint, folder } from '../support/files.ts';
import { goodSettings } from '../support/bucket-settings.ts';
import { BUCKET, gcsServer, gcsStore } from '../support/gcs.ts';

type Options = Partial<Omit<DoctorOptions, 'env'>> & {
  yaml?: string;
  env?: Record<string, string>;
};

/** The doctor in a folder of the test's own, with the database `shop`. */
const look = async ({
  yaml = 'databases: { shop: { source: shop.db, schedule: "0 3 * * *" } }\n',
  env = {},
  cwd = folder(),
  ...more
}: Options = {}) => {
  if (!existsSync(join(cwd, 'shop.db'))) sql(join(cwd, 'shop.db'), SMALL);
  writeFileSync(join(cwd, 'lifeboat.yaml'), yaml);
  const { findings } = await doctor({
    cwd,
    env: { TMPDIR: cwd, ...env },
    signal: new AbortController().signal,
    ...more,
  });
  const of = (check: DoctorFinding['check'], level?: DoctorFinding['level']) =>
    findings.filter(
      (each) => each.check === check && (level === undefined || each.level === level),
    );
  return {
    cwd,
    findings,
    of,
    error: doctorError(findings),
    faults: findings.filter(({ level }) => level === 'fault'),
  };
};
const inBucket = (url: string) => ({
  LIFEBOAT_GCS_ENDPOINT: url,
  LIFEBOAT_STORE: `gs://${BUCKET}`,
});

describe('the doctor', () => {
  test('finds no fault where all is well, changes nothing at the source, and leaves no probe in a folder', async () => {
    const cwd = folder();
    sql(join(cwd, 'shop.db'), SMALL);
    mkdirSync(join(cwd, 'backups'));
    writeFileSync(join(cwd, 'lifeboat.yaml'), '');
    const before = fingerprint(cwd).filter((line) => line.startsWith('shop.db'));
    const { faults, findings, of, error } = await look({ cwd });
    expect([faults, error]).toEqual([[], undefined]);
    expect([...new Set(findings.map(({ check }) => check))].sort()).toEqual([
      'clock',
      'configuration',
      'machine',
      'schedule',
      'secrets',
      'source',
      'store',
    ]);
    expect(of('source')).toMatchObject([
      { about: 'shop', level: 'ok', detail: expect.stringContaining('SQLite header found') },
    ]);
    expect(of('schedule')[0]?.detail).toMatch(/next: .*03:00 UTC/);
    expect(of('store', 'warning')).toMatchObject([
      { detail: expect.stringContaining('is on the same disk as shop') },
    ]);
    expect(fingerprint(cwd).filter((line) => line.startsWith('shop.db'))).toEqual(before);
    expect(
      readdirSync(join(cwd, 'backups'), { recursive: true, withFileTypes: true }).filter((entry) =>
        entry.isFile(),
      ),
    ).toEqual([]);
    expect(readdirSync(cwd).filter((name) => name.startsWith('lifeboat-'))).toEqual([]);
    for (const { level, hint } of findings)
      expect(hint).toMatch(level === 'ok' ? /^$/ : /[.)a-z]$/i);
  });

  test('runs with a faulty configuration, and without one', async () => {
    const { faults, of, error } = await look({ yaml: 'databases: { shop: { sourc: shop.db } }' });
    expect(faults).toMatchObject([
      { check: 'configuration', code: 'config_invalid', detail: expect.stringContaining('sourc') },
    ]);
    expect([of('machine').length > 1, error?.exit]).toEqual([true, 2]);
    expect((await look({ yaml: '' })).of('configuration', 'warning')).toHaveLength(1);
  });

  test('with everything wrong, each check has its line', async () => {
    const yaml = `store: nowhere/backups
databases:
  shop: { source: shop.db, encryption: { recipients: [${(await generateKeys()).recipient}] } }
  gone: { source: gone.db }
  junk: { source: junk.db }
  far: { source: "ssh://a@127.0.0.1:1/x.db", ssh: { hostKey: "SHA256:${'A'.repeat(43)}" } }
notify: { email: { to: [a@b.co], from: a@example.com }, slack: {}, telegram: { chat: "-1" } }`;
    const cwd = folder();
    writeFileSync(join(cwd, 'junk.db'), 'no database'.repeat(100));
    writeFileSync(join(cwd, 'nowhere'), '');
    const env = {
      LIFEBOAT_IDENTITY: (await generateKeys()).identity,
      LIFEBOAT_KEY: 'short',
      TELEGRAM_BOT_TOKEN: 'with a space',
      LIFEBOAT_SSH_KEY: 'nothing of the kind',
    };
    const { faults, of, error } = await look({
      cwd,
      yaml,
      env: { ...env, LIFEBOAT_IDENTITY: env.LIFEBOAT_IDENTITY },
    });
    expect(faults.map(({ check, about, code }) => [check, about.replace(cwd, ''), code])).toEqual(
      expect.arrayContaining([
        ['secrets', '', 'key_wrong'],
        ['secrets', 'LIFEBOAT_SSH_KEY', 'config_invalid'],
        ['secrets', 'SENDGRID_API_KEY', 'config_invalid'],
        ['secrets', 'SLACK_WEBHOOK_URL', 'config_invalid'],
        ['secrets', 'TELEGRAM_BOT_TOKEN', 'config_invalid'],
        ['store', '/nowhere/backups', 'store_unreachable'],
        ['source', 'gone', 'source_unreachable'],
        ['source', 'junk', 'source_invalid'],
        ['source', 'far', expect.any(String)],
        ['mail', 'a@example.com', 'config_invalid'],
      ]),
    );
    expect(of('source', 'ok').map(({ about }) => about)).toEqual(['shop']);
    expect(of('mail', 'warning')).toHaveLength(1);
    expect(error?.message).toMatch(/^\d+ problems and \d+ warnings\. First: /);
  });

  test('a check that hangs or throws is a fault of its own, and an interruption ends all', async () => {
    const { signal } = new AbortController();
    const stuck = { check: 'store', about: 'x', limitMs: 30 } as const;
    expect(
      await runExamination({ ...stuck, work: () => new Promise(() => undefined) }, signal),
    ).toMatchObject([{ level: 'fault', code: 'deadline' }]);
    expect(
      await runExamination({ ...stuck, work: () => Promise.reject(new Error('boom')) }, signal),
    ).toMatchObject([{ code: 'internal', detail: 'boom' }]);
    const stop = new AbortController();
    stop.abort();
    await expect(
      runExamination(
        { ...stuck, limitMs: 60_000, work: () => new Promise(() => undefined) },
        stop.signal,
      ),
    ).rejects.toMatchObject({
      code: 'interrupted',
    });
  });
});

describe('a source', () => {
  test('that is large is checked by its header alone', async () => {
    const cwd = folder();
    sql(join(cwd, 'shop.db'), SMALL);
    truncateSync(join(cwd, 'shop.db'), 80 << 20);
    expect((await look({ cwd })).of('source')).toMatchObject([
      { level: 'fault', code: 'source_invalid', detail: expect.stringContaining('pages') },
    ]);
  });

  test('behind https:// is pulled when it is small, and its server that hangs is given up', async () => {
    const { url, next } = await startService(() => ({ status: 404 }));
    const yaml = `databases: { shop: { source: ${url}/shop.db } }`;
    expect((await look({ yaml })).of('source')).toMatchObject([
      { level: 'fault', code: 'source_unreachable' },
    ]);
    next('silent', 'silent', 'silent');
    expect((await look({ yaml, limitMs: 500 })).of('source', 'fault')).toHaveLength(1);
  });
});

describe('encryption', () => {
  test.each<
    [
      string,
      (keys: { mine: string; other: string }) => Record<string, string>,
      string,
      string | undefined,
    ]
  >([
    [
      'opens with the identity of the recipient',
      ({ mine }) => ({ LIFEBOAT_IDENTITY: mine }),
      'ok',
      undefined,
    ],
    [
      'opens with one identity of several',
      ({ mine, other }) => ({ LIFEBOAT_IDENTITY: `# old\n${other}\n${mine}` }),
      'ok',
      undefined,
    ],
    ['is only tried one way without an identity', () => ({}), 'ok', undefined],
    [
      'with another identity is a fault',
      ({ other }) => ({ LIFEBOAT_IDENTITY: other }),
      'fault',
      'key_wrong',
    ],
  ])('%s', async (_, env, level, code) => {
    const [mine, other] = [await generateKeys(), await generateKeys()];
    const yaml = `databases: { shop: { source: shop.db, encryption: { recipients: [${mine.recipient}] } } }`;
    const { of } = await look({ yaml, env: env({ mine: mine.identity, other: other.identity }) });
    expect(of('encryption')).toMatchObject([
      { about: 'shop', level, ...(code === undefined ? {} : { code }) },
    ]);
    expect(of('secrets', 'warning').map(({ about }) => about)).toContain('LIFEBOAT_KEY');
  });

  test('is a warning when the watch may run without the key', async () => {
    const { of } = await look({
      yaml: 'watch: { key: off }\ndatabases: { shop: { source: shop.db } }',
    });
    expect(of('secrets', 'warning')).toContainEqual(
      expect.objectContaining({
        about: 'watch.key',
        detail: expect.stringContaining('accepts planted backups'),
      }),
    );
  });

  test('for a mistyped recipient is a fault', async () => {
    const { recipient } = await generateKeys();
    const slip = `${recipient.slice(0, -1)}${recipient.endsWith('q') ? 'p' : 'q'}`;
    const { of } = await look({
      yaml: `databases: { shop: { source: shop.db, encryption: { recipients: [${slip}] } } }`,
    });
    expect(of('encryption')).toMatchObject([{ level: 'fault', code: 'key_wrong' }]);
  });
});

describe('a bucket', () => {
  test('passes for the identity that makes backups, whose probe expires where the lifecycle rule deletes it', async () => {
    const server = await gcsServer();
    const { faults, of } = await look({ env: inBucket(server.as('backup')) });
    expect(faults).toEqual([]);
    expect(of('store').map(({ detail }) => detail)).toEqual([
      'write, read back and overwrite protection work',
      'this identity has no right to delete in the whole bucket',
      expect.stringContaining('as expected'),
    ]);
    const names = server.bucket(BUCKET).names();
    expect(names).toEqual([
      expect.stringMatching(/^runs\/_doctor\/\d{8}T\d{6}Z-[0-9a-f]{8}\.json$/),
    ]);
    expect(server.bucket(BUCKET).find(names[0] ?? '').meta.customTime).toBeDefined();
    expect(expectedRule('').condition['matchesPrefix']).toContain('runs/');
  });

  test.each<[string, (server: Awaited<ReturnType<typeof gcsServer>>) => string, RegExp, string]>([
    [
      'that lets the identity delete',
      (server) => server.url,
      /may delete backups/,
      'config_invalid',
    ],
    [
      'that lets it write nothing',
      (server) => server.as('status'),
      /storage\.objects\.create/,
      'store_denied',
    ],
    [
      'whose lifecycle deletes otherwise',
      (server) => {
        Object.assign(server.bucket(BUCKET).settings, {
          lifecycle: { rule: [{ action: { type: 'Delete' }, condition: { age: 30 } }] },
        });
        return server.as('backup');
      },
      /deletes backups before they expire/,
      'config_invalid',
    ],
    ['that nobody knows', (server) => server.as('stranger'), /credentials/, 'store_denied'],
  ])('%s is a fault', async (_, prepare, says, code) => {
    const server = await gcsServer();
    const { faults } = await look({ env: inBucket(prepare(server)), limitMs: 8000 });
    expect(faults.filter(({ check }) => check === 'store')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          about: `gs://${BUCKET}`,
          code,
          detail: expect.stringMatching(says),
        }),
      ]),
    );
  });

  test('that cannot be reached, and one that hangs, are faults in the time of one check', async () => {
    const { of } = await look({ env: inBucket('http://127.0.0.1:1'), limitMs: 1500 });
    expect(of('store', 'fault')).toMatchObject([
      { code: expect.stringMatching(/store_unreachable|deadline/) },
      ...of('store', 'fault').slice(1),
    ]);
    const server = await gcsServer();
    server.faults = () => ({ type: 'stall' });
    expect(
      (await look({ env: inBucket(server.url), limitMs: 1500 })).of('store', 'fault').length,
    ).toBeGreaterThan(0);
  });

  test.each([
    [50_000, 'ok'],
    [-50_000, 'ok'],
    [70_000, 'fault'],
    [-7_200_000, 'fault'],
  ])('a clock that is %i ms off is %s', async (off, level) => {
    const server = await gcsServer();
    const now = () => new Date(Date.now() + off);
    expect((await look({ env: inBucket(server.as('backup')), now })).of('clock')).toMatchObject([
      { about: `gs://${BUCKET}`, level },
    ]);
    expect((await look({ now })).of('clock')).toMatchObject([{ level }]);
  });

  test('and each of its copies are checked', async () => {
    const server = await gcsServer({
      buckets: { [BUCKET]: {}, 'acme-copy': {} },
      policies: POLICIES(),
    });
    const yaml = `store: gs://${BUCKET}\ncopies: [gs://acme-copy/x, kept]\ndatabases: { shop: { source: shop.db } }`;
    const { of } = await look({
      yaml,
      env: { LIFEBOAT_GCS_ENDPOINT: server.as('backup') },
      limitMs: 8000,
    });
    expect([...new Set(of('store').map(({ about }) => about))]).toEqual([
      `gs://${BUCKET}`,
      'gs://acme-copy/x',
      expect.stringMatching(/\/kept$/),
    ]);
  });
});

describe('a copy with a retention policy', () => {
  test.each([
    [true, 'ok', 'nobody can delete a copied backup for 14 days: its retention is locked'],
    [false, 'warning', 'the retention policy of the copy (14 days) is not locked'],
  ])('locked: %s', async (isLocked, level, detail) => {
    const settings = {
      ...goodSettings(),
      retentionPolicy: { retentionPeriod: '1209600', isLocked },
    };
    const server = await gcsServer({ buckets: { 'acme-copy': settings } });
    const store = gcsStore(server.url, { bucket: 'acme-copy', tuning: {} });
    const findings = await checkCopy(store, { now: () => new Date(), random: randomBytes });
    expect(findings[0]).toMatchObject({ level, detail: expect.stringContaining(detail) });
    expect(findings.slice(1).filter((each) => each.level !== 'ok')).toEqual([]);
    // Nobody could delete a probe.
    expect(server.calls.map(({ kind }) => kind)).toEqual(['bucket']);
  });
});

describe('a store that cannot be trusted', () => {
  const honest = createMemoryStore();
  const probing = { now: () => new Date(), random: randomBytes };
  test.each<[string, Partial<Store>, RegExp]>([
    // Says that it made an object which was there already.
    [
      'writes over what it was to create only',
      { create: async (...args) => (await honest.create(...args)) ?? honest.stat(args[0]) },
      /overwrote/,
    ],
    [
      'gives back something else',
      { read: () => Readable.from([Buffer.from('{}')]) },
      /other bytes/,
    ],
    [
      'says that a new object is there already',
      { create: () => Promise.resolve(undefined) },
      /already exists/,
    ],
  ])('because it %s is a fault', async (_, lie, says) => {
    expect(
      (await checkStore({ ...honest, ...lie }, probing)).map(({ level, detail }) => [
        level,
        detail,
      ]),
    ).toEqual([['fault', expect.stringMatching(says)]]);
    expect((await checkStore(honest, probing)).map(({ level }) => level)).toEqual(['ok']);
  });
});

describe('the jobs of a deployment', () => {
  test('are compared with the configuration', async () => {
    const server = await startScheduler('projects/acme/locations/eu', {
      'lifeboat-backup-shop': { schedule: '0 3 * * *', state: 'PAUSED' },
      'lifeboat-watch': { schedule: '15 * * * *' },
    });
    const env = {
      GOOGLE_CLOUD_PROJECT: 'acme',
      LIFEBOAT_SCHEDULER_LOCATION: 'eu',
      LIFEBOAT_SCHEDULER_ENDPOINT: server.endpoint,
    };
    const { of } = await look({ env });
    expect(of('schedule', 'fault').map(({ detail }) => detail)).toEqual([
      expect.stringContaining('lifeboat-backup-shop is paused'),
      expect.stringContaining('no Cloud Scheduler job lifeboat-restore-test'),
    ]);
    expect(of('schedule', 'ok').map(({ about }) => about)).toContain('lifeboat-watch');
  });
});

describe('mail', () => {
  const mail = (provider: string) =>
    `notify: { email: { to: [ops@acme.dev], from: backups@acme.dev, provider: ${provider} } }`;

  test.each<[string, object, string, RegExp]>([
    [
      'may send',
      { scopes: ['mail.send', 'sender_verification_eligible'] },
      'ok',
      /accepts the API key/,
    ],
    ['may not send', { scopes: ['stats.read'] }, 'fault', /no right to send mail/],
    ['is not known', { errors: [] }, 'fault', /rejects the API key/],
  ])('a key of SendGrid that %s', async (_, body, level, says) => {
    const { url, received } = await startService(() => ({
      status: 'errors' in body ? 401 : 200,
      body: JSON.stringify(body),
    }));
    const { of } = await look({
      yaml: mail('sendgrid'),
      env: { SENDGRID_API_KEY: 'SG.hunter2-hunter2', SENDGRID_BASE_URL: url },
    });
    expect(of('mail')).toMatchObject([{ level, detail: expect.stringMatching(says) }]);
    expect(received.map(({ method, path }) => [method, path])).toEqual([['GET', '/v3/scopes']]);
  });

  test('a mail server is asked, and gets no mail', async () => {
    const server = await startSmtp({ login: { user: 'lifeboat', pass: 'hunter2-hunter2' } });
    const at = (password: string) => ({
      SMTP_URL: `smtp://lifeboat:${password}@127.0.0.1:${server.port}`,
    });
    expect(
      (await look({ yaml: mail('smtp'), env: at('hunter2-hunter2') })).of('mail'),
    ).toMatchObject([{ level: 'ok' }]);
    const { of } = await look({ yaml: mail('smtp'), env: at('wrong-password') });
    expect(of('mail')).toMatchObject([
      { level: 'fault', code: 'notify_failed', hint: expect.stringContaining('password') },
    ]);
    expect(server.mails).toEqual([]);
  });

  test('a mail server that says nothing is given up', async () => {
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const env = { SMTP_URL: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}` };
    expect(
      (await look({ yaml: mail('smtp'), env, limitMs: 400 })).of('mail', 'fault'),
    ).toHaveLength(1);
  });
});

test('no secret is in what the doctor says, even where a service repeats it', async () => {
  const { url } = await startService(({ headers }) => ({
    status: 400,
    body: JSON.stringify({ said: headers.authorization }),
  }));
  const secret = (name: string) => `hunter2-${name}-hunter2`;
  const [mine, other] = [await generateKeys(), await generateKeys()];
  const yaml = `databases:
  shop: { source: "${url}/shop.db?token=${secret('query')}", https: { auth: bearer }, encryption: { recipients: [${mine.recipient}] } }
  far: { source: "ssh://a@127.0.0.1:1/x.db", ssh: { hostKey: "SHA256:${'A'.repeat(43)}" } }
notify: { email: { to: [a@b.co], from: a@b.co }, slack: {}, telegram: { chat: "-1" }, webhook: { url: https://example.com/hook } }`;
  const env = {
    LIFEBOAT_HTTPS_TOKEN: secret('https'),
    LIFEBOAT_SSH_KEY: `-----BEGIN OPENSSH PRIVATE KEY-----\n${secret('ssh')}\n-----END`,
    LIFEBOAT_IDENTITY: other.identity,
    LIFEBOAT_KEY: other.key,
    SMTP_URL: `smtp://user:${secret('smtp')}@127.0.0.1:1`,
    SLACK_WEBHOOK_URL: `https://hooks.slack.com/${secret('slack')}`,
    TELEGRAM_BOT_TOKEN: `12:${secret('telegram')} x`,
    LIFEBOAT_WEBHOOK_SECRET: secret('webhook'),
  };
  // As one pasted into the wrong place.
  const { findings } = await look({
    yaml,
    env: { ...env, LIFEBOAT_STORE: secret('https') },
    limitMs: 8000,
  });
  const said = JSON.stringify(findings);
  expect(said).not.toContain('hunter2');
  for (const key of [other.identity, other.key]) expect(said).not.toContain(key);
});
