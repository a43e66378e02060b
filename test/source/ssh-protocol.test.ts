import { readdirSync } from 'node:fs';
import ssh2, { type ServerChannel } from 'ssh2';
import { describe, expect, test } from 'vitest';
import { createSshSource } from '../../core/source/ssh/ssh.ts';
import { privateFolder } from '../contract/source.ts';
import { keyPair, startFakeHost, startStranger, type FakeHost } from '../support/ssh-server.ts';

const KEY = keyPair();
const expectFails = async (
  host: Pick<FakeHost, 'port' | 'hostKey' | 'privateKey'>,
  code: string,
  more: { idleMs?: number; measure?: boolean } = {},
): Promise<{ message: string; hint: string }> => {
  const directory = privateFolder();
  const source = createSshSource({
    address: {
      user: 'backup',
      host: '127.0.0.1',
      port: host.port,
      path: '/srv/app.db',
      hostKeys: [host.hostKey],
    },
    privateKey: host.privateKey,
    now: () => new Date(),
    patience: { pauseMs: 1, attempts: 2, idleMs: more.idleMs ?? 5000 },
  });
  const work = more.measure ? source.measure() : source.pull({ directory, busyTimeoutMs: 1 });
  const error: unknown = await work.catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code, hint: expect.stringMatching(/\.$/) });
  expect(readdirSync(directory)).toEqual([]);
  return error as { message: string; hint: string };
};

describe('a host key that is not the pinned one', () => {
  test.each([
    ['a line', KEY.public],
    ['a fingerprint', `SHA256:${'A'.repeat(43)}`],
  ])(
    'pinned as %s, ends it before anything is said, and its fingerprint is shown',
    async (_, pinned) => {
      const host = await startFakeHost();
      const error = await expectFails({ ...host, hostKey: pinned }, 'config_invalid');
      expect(error.message).toMatch(/ssh-ed25519 key SHA256:[A-Za-z0-9+/]{43}/);
      expect(error.hint).toContain('compare');
      expect(host.seen).toEqual([]);
    },
  );

  test('of another type than the host has, says so', async () => {
    const host = await startFakeHost();
    const rsa = ssh2.utils.generateKeyPairSync('rsa', { bits: 2048 }).public;
    const error = await expectFails({ ...host, hostKey: rsa }, 'source_unreachable');
    expect(error.message).toContain('no algorithm in common');
    expect(host.seen).toEqual([]);
  });
});

describe('a host that does not let us in', () => {
  test('because the key is unknown to it is source_unreachable, and only the key is offered', async () => {
    const methods: string[] = [];
    const host = await startFakeHost({
      authenticate: (context) => (methods.push(context.method), context.reject(['publickey'])),
    });
    expect((await expectFails(host, 'source_unreachable')).hint).toContain('authorized_keys');
    expect(new Set(methods)).toEqual(new Set(['publickey']));
  });

  test.each([
    [
      'that is no SSH server',
      (socket: import('node:net').Socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    ],
    ['that hangs up', (socket: import('node:net').Socket) => socket.destroy()],
    ['that never greets', () => undefined],
  ])('%s is source_unreachable', async (_, behave) => {
    const port = await startStranger(behave);
    await expectFails(
      { port, hostKey: KEY.public, privateKey: KEY.private },
      'source_unreachable',
      { idleMs: 500 },
    );
  });

  test('where nobody listens is source_unreachable', async () => {
    await expectFails(
      { port: 9, hostKey: KEY.public, privateKey: KEY.private },
      'source_unreachable',
    );
  });
});

/** Waits for the script, and speaks with its mark. */
const withMark = (channel: ServerChannel, speak: (mark: string) => void): void => {
  let text = '';
  channel.on('data', (bytes: Buffer) => {
    const first = text === '';
    text += bytes.toString();
    if (first) speak(/mark='(@\w+)'/.exec(text)?.[1] ?? '');
  });
};
const SIZE = 8192;

describe('a host that misbehaves', () => {
  test.each<[string, string, RegExp, (channel: ServerChannel, mark: string) => void]>([
    ['closes at once', 'source_unreachable', /was lost/, (channel) => channel.close()],
    [
      'ends without a word',
      'source_unreachable',
      /did not run/,
      (channel) => (channel.exit(0), channel.end()),
    ],
    [
      'says it is done and sent nothing',
      'source_unreachable',
      /was lost/,
      (channel, mark) => (
        channel.stderr.write(`${mark} hello 3.40.1\n${mark} done\n`),
        channel.exit(0),
        channel.end()
      ),
    ],
    [
      'sends less than it announced',
      'source_unreachable',
      /sent 10 of/,
      (channel, mark) => {
        channel.stderr.write(`${mark} hello 3.40.1\n${mark} done\n`);
        channel.write(`${mark} data cat ${SIZE}\n${'x'.repeat(10)}`);
        setTimeout(() => (channel.exit(0), channel.end()), 50);
      },
    ],
    [
      'sends more than it announced',
      'source_unreachable',
      /more than/,
      (channel, mark) => channel.write(`${mark} data cat ${SIZE}\n${'x'.repeat(SIZE + 1)}`),
    ],
    [
      'sends other bytes than it summed',
      'source_unreachable',
      /SHA-256/,
      (channel, mark) => {
        channel.stderr.write(`${mark} hello 3.40.1\n${mark} sum ${'0'.repeat(64)}\n${mark} done\n`);
        channel.write(`${mark} data cat ${SIZE}\n${'x'.repeat(SIZE)}`);
        setTimeout(() => (channel.exit(0), channel.end()), 50);
      },
    ],
    [
      'sends what is no zstd',
      'source_unreachable',
      /was lost/,
      (channel, mark) => {
        channel.stderr.write(`${mark} hello 3.40.1\n`);
        channel.write(`${mark} data zstd ${SIZE}\n${'x'.repeat(SIZE)}`);
      },
    ],
    [
      'packs with what is not known',
      'source_unreachable',
      /rar/,
      (channel, mark) => channel.write(`${mark} data rar ${SIZE}\n`),
    ],
    [
      'chatters for ever',
      'source_unreachable',
      /quiet/,
      (channel) => channel.write('la la\n'.repeat(20_000)),
    ],
    ['says nothing', 'source_unreachable', /sent nothing/, () => undefined],
    [
      'beats without a copy that grows',
      'source_unreachable',
      /made no progress with its copy/,
      (channel, mark) => {
        channel.stderr.write(`${mark} hello 3.40.1\n${mark} size ${SIZE}\n`);
        repeat(channel, () => channel.stderr.write(`${mark} copied 1\n`));
      },
    ],
    [
      'sends a whole file that is no database',
      'source_invalid',
      /not a database/,
      (channel, mark) => {
        channel.stderr.write(`${mark} hello 3.40.1\n${mark} done\n`);
        channel.write(`${mark} data cat ${SIZE}\n${'x'.repeat(SIZE)}`);
        setTimeout(() => (channel.exit(0), channel.end()), 50);
      },
    ],
    [
      'fails with a word that is not known, full of control characters',
      'source_unreachable',
      /cannot copy the database: \[31mevil/,
      (channel, mark) => (
        channel.stderr.write(`${mark} fail what \u001B[31mevil\u0007\n`),
        channel.exit(3),
        channel.end()
      ),
    ],
  ])('because it %s is %s', async (_, code, message, speak) => {
    const host = await startFakeHost({
      exec: (accept) => {
        const channel = accept();
        withMark(channel, (mark) => speak(channel, mark));
      },
    });
    const error = await expectFails(host, code, { idleMs: 700 });
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/^\P{Cc}+$/u);
  });

  test.each<[string, (channel: ServerChannel, mark: string) => void]>([
    ['says nothing', () => undefined],
    ['beats', (channel, mark) => repeat(channel, () => channel.stderr.write(`${mark} copied 1\n`))],
    ['prints for ever', (channel) => repeat(channel, () => channel.write('la la\n'.repeat(1000)))],
  ])('because it %s instead of its size is given up, too', async (_, speak) => {
    const host = await startFakeHost({
      exec: (accept) => {
        const channel = accept();
        withMark(channel, (mark) => speak(channel, mark));
      },
    });
    await expectFails(host, 'source_unreachable', { idleMs: 700, measure: true });
  });

  test('does not answer the request to run a shell is given up', async () => {
    const host = await startFakeHost({ exec: () => undefined });
    await expectFails(host, 'source_unreachable', { idleMs: 700 });
  });

  test('refuses to run anything is source_unreachable', async () => {
    const host = await startFakeHost({ exec: (_, reject) => reject() });
    await expectFails(host, 'source_unreachable');
    expect(host.seen).toContain('exec exec /bin/sh');
  });
});

/** Speaks again and again, until the channel ends. */
function repeat(channel: ServerChannel, speak: () => void): void {
  const timer = setInterval(speak, 5);
  channel.once('close', () => clearInterval(timer));
}
