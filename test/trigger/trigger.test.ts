import { describe, expect, test } from 'vitest';
import type { LifeboatError } from '../../core/lib/errors.ts';
import { judgeStatus } from '../../core/trigger/answer.ts';
import { readAddress } from '../../core/trigger/address.ts';
import { trigger, type TriggerOptions } from '../../core/trigger/trigger.ts';
import { cut, html, json, lines, MADE, silent, startBackupNow } from '../fakes/backup-now.ts';

const OPTIONS = {
  database: 'shop',
  reason: 'pre-deploy',
  kind: 'auto',
  accept: false,
  expectMigrations: [] as string[],
  key: 'deploy-42',
  timeoutMs: 20_000,
  pauses: [1, 1, 1],
  identity: () => Promise.reject(new Error('nobody is to be asked for a token here')),
} as const;
const ask = (url: string, more: Partial<TriggerOptions> = {}) =>
  trigger({ ...OPTIONS, signal: new AbortController().signal, url, ...more });
const problem = (status: number, code: string) => ({
  type: 'about:blank',
  title: code,
  status,
  code,
  message: `it is ${code}`,
  hint: 'Do this.',
});
const inLine = (status: number, code: string) => ({
  ok: false,
  status,
  error: { code, message: `it is ${code}`, hint: 'Do this.' },
});
const done = { ok: true, ...MADE };
const progress = { event: 'progress', step: 'store', done: 1, total: 2 };

describe('a call of backup-now', () => {
  test('returns the document, sends the request in the body, and sends no token to this machine', async () => {
    const { url, asked } = await startBackupNow(lines({ event: 'beat' }, progress, done));
    const seen: unknown[] = [];
    const made = await ask(url, {
      kind: 'full',
      accept: true,
      expectMigrations: ['shop.0042_add_index'],
      onProgress: (...step) => seen.push(step),
    });
    expect(made).toEqual(MADE);
    expect(seen).toEqual([['store', 1, 2]]);
    expect(asked).toEqual([
      {
        key: 'deploy-42',
        token: undefined,
        body: {
          database: 'shop',
          reason: 'pre-deploy',
          kind: 'full',
          accept: true,
          expectMigrations: ['shop.0042_add_index'],
        },
      },
    ]);
  });

  test('accepts a plain JSON document as well, from a proxy that does not stream lines', async () => {
    const { url } = await startBackupNow(json(200, done));
    expect(await ask(url)).toEqual(MADE);
  });

  test.each([
    [
      'a cut connection before the answer',
      (response: Parameters<ReturnType<typeof cut>>[0]) => void response.destroy(),
    ],
    ['a cut connection in the middle', cut({ event: 'beat' }, progress)],
    ['an end without a last line', lines(progress)],
    [
      'a last line that is cut',
      (response: Parameters<ReturnType<typeof cut>>[0]) =>
        void response
          .writeHead(200, { 'content-type': 'application/x-ndjson' })
          .end('{"ok": true, "id": "2026'),
    ],
    ['a silence', silent(progress)],
    ['503 of Cloud Run', html(503)],
    ['502 of a proxy', html(502)],
    ['429 of Cloud Run, which has no instance', html(429)],
    ['a function that was ended', lines(progress, inLine(503, 'interrupted'))],
    ['a source that was busy', json(503, problem(503, 'source_busy'), 'application/problem+json')],
  ])('after %s asks again, with the same key', async (_, reply) => {
    const { url, asked } = await startBackupNow(reply, reply, lines(done));
    const why: string[] = [];
    expect(await ask(url, { silenceMs: 300, onRetry: ({ message }) => why.push(message) })).toEqual(
      MADE,
    );
    expect(asked.map(({ key }) => key)).toEqual(['deploy-42', 'deploy-42', 'deploy-42']);
    expect(why).toHaveLength(2);
  });

  test.each([
    ['a cut connection', cut(progress), 'store_unreachable', 6, 'ended before the answer|failed'],
    ['503', html(503), 'store_unreachable', 6, '503'],
    ['a busy source', lines(inLine(503, 'source_busy')), 'source_busy', 3, 'it is source_busy'],
  ])('gives up after %s four times, with its reason', async (_, reply, code, exit, says) => {
    const { url, asked } = await startBackupNow(reply);
    const error = await ask(url).catch((caught: unknown) => caught as LifeboatError);
    expect(error).toMatchObject({
      code,
      exit,
      message: expect.stringMatching(says),
      hint: expect.stringMatching(/\.$/),
    });
    expect(asked).toHaveLength(4);
  });

  test.each([
    [
      'a refusal in the last line',
      lines(progress, inLine(409, 'source_suspicious')),
      'source_suspicious',
      3,
    ],
    [
      'a problem document',
      json(422, problem(422, 'source_invalid'), 'application/problem+json'),
      'source_invalid',
      3,
    ],
    [
      'no such database',
      json(404, problem(404, 'not_found'), 'application/problem+json'),
      'not_found',
      4,
    ],
    ['a deadline', lines(inLine(504, 'deadline')), 'deadline', 7],
    ['a code of a newer version', lines(inLine(418, 'tea_pot')), 'internal', 1],
    ['401 of Cloud Run', html(401), 'store_denied', 6],
    ['403 of Cloud Run', html(403), 'store_denied', 6],
    ['403 in JSON of a proxy', json(403, { error: 'no' }), 'store_denied', 6],
    ['404 of Cloud Run', html(404), 'usage', 2],
    ['405 of something else', html(405), 'usage', 2],
    [
      'a redirect',
      html(302, { location: 'https://accounts.google.com/login?token=hunter2' }),
      'usage',
      2,
    ],
    [
      'a redirect that claims to be JSON',
      (response: Parameters<ReturnType<typeof cut>>[0]) =>
        void response
          .writeHead(307, { 'content-type': 'application/json', location: '/elsewhere' })
          .end('{"ok":true}'),
      'usage',
      2,
    ],
    ['504 of Cloud Run', html(504), 'deadline', 7],
    ['500 of Cloud Run', html(500), 'internal', 1],
    ['a page with 200', html(200), 'usage', 2],
    ['JSON of something else with 200', json(200, { status: 'ok' }), 'usage', 2],
    ['ok alone', json(200, { ok: true }), 'usage', 2],
    ['the backup of another database', lines({ ...done, database: 'wiki' }), 'usage', 2],
    ['a document with an error status', json(500, done), 'usage', 2],
    ['null', json(200, null), 'usage', 2],
  ])('%s stops the deploy at once', async (_, reply, code, exit) => {
    const { url, asked } = await startBackupNow(reply);
    const error = await ask(url).catch((caught: unknown) => caught as LifeboatError);
    expect(error).toMatchObject({ code, exit, hint: expect.stringMatching(/\.\)?$/) });
    expect(asked).toHaveLength(1);
    expect((error as Error).message).not.toContain('hunter2');
  });

  test('that takes too long is a deadline, which names the key', async () => {
    const { url } = await startBackupNow(silent(progress));
    await expect(ask(url, { timeoutMs: 200 })).rejects.toMatchObject({
      code: 'deadline',
      hint: expect.stringContaining('--key deploy-42'),
    });
  });

  test('ends when it is interrupted', async () => {
    const { url, asked } = await startBackupNow(silent(progress));
    const interrupt = new AbortController();
    const asking = ask(url, { signal: interrupt.signal });
    await expect.poll(() => asked.length).toBe(1);
    interrupt.abort();
    // Cloud Run does not report the end of a connection, so the function may go on.
    await expect(asking).rejects.toMatchObject({
      code: 'interrupted',
      exit: 130,
      hint: expect.stringMatching(/may still be running.*--key deploy-42/),
    });
  });

  test('refuses a key that no header can carry', async () => {
    await expect(ask('http://127.0.0.1:1/', { key: 'deploy 42\n' })).rejects.toMatchObject({
      code: 'usage',
    });
  });
});

describe('the address', () => {
  test.each([
    ['https://backup-now-abc123-uc.a.run.app', 'https://backup-now-abc123-uc.a.run.app', false],
    [
      'https://backup-now-abc123-uc.a.run.app/x?y=1',
      'https://backup-now-abc123-uc.a.run.app',
      false,
    ],
    [
      'https://us-central1-acme.cloudfunctions.net/backup-now',
      'https://us-central1-acme.cloudfunctions.net/backup-now',
      false,
    ],
    ['http://127.0.0.1:8080/backup-now', 'http://127.0.0.1:8080', true],
    ['http://localhost:8080/backup-now', 'http://localhost:8080', true],
    ['http://[::1]:8080/backup-now', 'http://[::1]:8080', true],
  ])('%s is called for the audience %s', (text, audience, local) => {
    expect(readAddress(text)).toMatchObject({ audience, local });
  });

  test('takes an audience of its own', () => {
    expect(readAddress('https://backups.example.com', 'https://x.a.run.app')).toMatchObject({
      audience: 'https://x.a.run.app',
    });
  });

  test.each([
    'http://backup-now.example.com',
    'http://127.0.0.1.example.com/',
    'http://localhost@example.com/',
    'https://user:hunter2@example.com/',
    'ftp://example.com/',
    'backup-now',
    'https://',
    '',
  ])('%j is refused before anything is sent', (text) => {
    let error: unknown;
    try {
      readAddress(text);
    } catch (caught) {
      error = caught;
    }
    expect(error).toMatchObject({ code: 'usage', exit: 2 });
    expect((error as Error).message).not.toContain('hunter2');
  });
});

describe('a caller without permission', () => {
  const token = (claims: object): string =>
    `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2lnbmF0dXJl`;
  const refused = (claims: object | undefined) => {
    const address = readAddress('https://backup-now-abc123-uc.a.run.app');
    const outcome = judgeStatus(
      { address, database: 'shop', token: claims && token(claims) },
      403,
      null,
    );
    return outcome.kind === 'failed' ? outcome.error.hint : '';
  };

  test('names the role, the identity and the audience, and never the token', () => {
    const hint = refused({
      email: 'deploy@acme.iam.gserviceaccount.com',
      aud: 'https://elsewhere.example.com',
    });
    for (const part of [
      'roles/run.invoker',
      'deploy@acme.iam.gserviceaccount.com',
      'https://elsewhere.example.com',
      'https://backup-now-abc123-uc.a.run.app',
    ])
      expect(hint).toContain(part);
    expect(hint).not.toContain('c2lnbmF0dXJl');
    expect(
      refused({ email: 'a@b.c', aud: 'https://backup-now-abc123-uc.a.run.app' }),
    ).not.toContain('expected');
    expect(refused(undefined)).toContain('no token');
  });
});
