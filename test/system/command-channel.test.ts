import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { runCommand, withoutSecrets } from '../../core/lib/processes/command.ts';
import { EFFORT } from '../../core/notify/channel/attempts.ts';
import { createCommand } from '../../core/notify/channel/command.ts';
import { messageOf } from '../../core/notify/message/message.ts';
import { channelContract, type Mood } from '../contract/channel.ts';
import { folder as temporaryFolder } from '../support/files.ts';
import { SAMPLES } from '../support/notifications.ts';

const SECRET = 'a-long-random-shared-secret';
const signal = new AbortController().signal;
const message = messageOf(SAMPLES.failed, 'en');

// A program that treats its calls as the files in `moods` say, and keeps what it accepted.
const PROGRAM = `
n=$(ls requests | wc -l)
: > "requests/$n"
mood=$(cat "moods/$n" 2>/dev/null)
case "$mood" in
  silent) : > "silent.$n"; exec sleep 600 ;;
  cut) kill -9 $$ ;;
  busy|broken) echo "not now" >&2; exit 75 ;;
  rejects) echo "no such recipient" >&2; exit 1 ;;
  unauthorized) exit 2 ;;
  forbidden) exit 3 ;;
  echoes) echo "the key $KEY is wrong" >&2; exit 1 ;;
esac
cat > "taken/$n"
`;

channelContract('a command', async () => {
  const folder = temporaryFolder();
  for (const name of ['requests', 'moods', 'taken']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'program'), PROGRAM);
  const count = (name: string): number => readdirSync(join(folder, name)).length;
  const silent = new Set<string>();
  return {
    open: (effort) =>
      createCommand({
        command: { shell: `cd '${folder}' && . ./program` },
        timeoutMs: 60_000,
        env: { PATH: process.env['PATH'], KEY: SECRET },
        secrets: [SECRET],
        effort,
      }),
    mood: (...moods: Mood[]) =>
      moods.forEach((mood, n) =>
        writeFileSync(join(folder, 'moods', String(count('requests') + n)), mood),
      ),
    requests: () => count('requests'),
    taken: () =>
      readdirSync(join(folder, 'taken')).map((name) =>
        readFileSync(join(folder, 'taken', name), 'utf8'),
      ),
    whenSilent: (listener) => {
      const timer = setInterval(() => {
        for (const name of readdirSync(folder).filter((each) => each.startsWith('silent.')))
          if (!silent.has(name)) {
            silent.add(name);
            listener();
          }
      }, 5);
      onTestFinished(() => clearInterval(timer));
    },
    secrets: [SECRET],
    asksToWait: false,
  };
});

describe('a command', () => {
  const outputOf = async (run: readonly string[], input = ''): Promise<string> =>
    (await runCommand({ run }, { input, env: process.env, signal })).lastLine;

  test('gets the JSON of the webhook on its standard input, and nothing of it as an argument', async () => {
    const folder = temporaryFolder();
    const place = join(folder, 'got');
    const command = { run: ['/bin/sh', '-c', 'echo "$# $1" > "$0"; cat >> "$0"', place, 'own'] };
    await createCommand({ command, timeoutMs: 60_000, env: process.env }).send(message, signal);
    const [head, body = ''] = readFileSync(place, 'utf8').split(/\n(.*)/s);
    expect(head).toBe('1 own');
    expect(JSON.parse(body)).toEqual(JSON.parse(JSON.stringify(message.webhook)));
  });

  test('is run without a shell unless that is asked for', async () => {
    expect(await outputOf(['/bin/echo', '$HOME;', '`id`', '*'])).toBe('$HOME; `id` *');
    const ending = await runCommand(
      { shell: 'echo $((40 + 2))' },
      { input: '', env: process.env, signal },
    );
    expect(ending.lastLine).toBe('42');
  });

  test('gets no secret of Lifeboat', () => {
    expect(withoutSecrets({ PATH: '/bin', SMTP_URL: 'x', OWN: 'y' }, ['SMTP_URL'])).toEqual({
      PATH: '/bin',
      OWN: 'y',
    });
  });

  test('that does not read its input is no failure', async () => {
    const ending = await runCommand(
      { run: ['/bin/true'] },
      { input: 'x'.repeat(1 << 20), env: process.env, signal },
    );
    expect(ending).toMatchObject({ status: 0, problem: undefined });
  });

  test('that does not exist is named as such, and not tried again', async () => {
    const channel = createCommand({
      command: { run: ['/nowhere/alert'] },
      timeoutMs: 60_000,
      env: {},
      effort: { ...EFFORT, sleep: () => Promise.reject(new Error('it was tried again')) },
    });
    await expect(channel.send(message, signal)).rejects.toMatchObject({
      code: 'notify_failed',
      message: 'command: the command cannot be started: ENOENT',
    });
  });

  test('is ended with everything that it started', async () => {
    const folder = temporaryFolder();
    const stop = new AbortController();
    const running = runCommand(
      { shell: `cd '${folder}'; sleep 600 & echo $! > pid; mv pid started; wait` },
      { input: '', env: process.env, signal: stop.signal },
    );
    while (!existsSync(join(folder, 'started'))) await new Promise((done) => setTimeout(done, 5));
    stop.abort();
    // The background process holds the standard output: this ends only when that has ended, too.
    expect(await running).toMatchObject({ status: null, killedBy: 'SIGKILL' });
  });

  test('that changed its user and cannot be ended is said to run still', async () => {
    const pids: number[] = [];
    const denied = Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
    const kill = vi.spyOn(process, 'kill').mockImplementation((pid) => {
      pids.push(pid);
      throw denied;
    });
    const run = ['/bin/sleep', '600'];
    const options = { input: '', env: process.env, signal: AbortSignal.abort() };
    const ending = await runCommand({ run }, options).finally(() => kill.mockRestore());
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    expect(pids).toHaveLength(1);
    expect(ending).toMatchObject({ status: null, problem: undefined, isStillRunning: true });
  });

  test('keeps a character whole that arrives in two parts', async () => {
    const shell = String.raw`printf 'caf\303'; sleep 0.1; printf '\251'`;
    const ending = await runCommand({ shell }, { input: '', env: process.env, signal });
    expect(ending.output).toBe('café');
  });
});
