import { PassThrough, type Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { LifeboatError } from '../../lib/errors.ts';
import { Passing } from '../passing.ts';
import type { Connection } from './connection.ts';
import { scriptFor, type ScriptInput } from './script.ts';

const FAREWELL_MS = 5000;
const LONGEST_LINE = 64 * 1024;

/** What the script has said until now. */
export type Said = {
  version?: string;
  size?: number;
  header?: { readonly size: number; readonly bytes: Buffer };
  /** When the read transaction began, by this machine's clock. */
  begunAt?: Date;
  copied?: number;
  quiet: boolean;
  sum?: string;
  done: boolean;
  fail?: { readonly word: string; readonly detail: string };
  /** What others said: a banner, the shell, the programs. */
  noise: string;
};

export type Session = {
  readonly said: Said;
  /** Standard output. */
  readonly out: Readable;
  /**
   * The script's exit status, once it has ended; null when only the connection has. Never rejects.
   */
  readonly ended: Promise<number | null>;
  /**
   * Ends the script and waits a while for it to clean up. Returns its exit status, or null when
   * there was none.
   */
  stop(): Promise<number | null>;
};

export type Running = {
  readonly connection: Connection;
  readonly input: ScriptInput;
  readonly now: () => Date;
  /** Called for each word that the script says. */
  readonly onWord: (word: string, said: Said) => void;
  /** Called whenever something comes on standard output. */
  readonly onBytes: () => void;
};

/** Runs the script on the host. The answer comes at once; the script speaks later. */
export async function runScript({
  connection,
  input,
  now,
  onWord,
  onBytes,
}: Running): Promise<Session> {
  const { client } = connection;
  const channel = await new Promise<import('ssh2').ClientChannel>((resolve, reject) => {
    // Any login shell understands this; the script itself is not seen in the list of processes.
    client.exec('exec /bin/sh', (error, stream) => (error ? reject(error) : resolve(stream)));
  }).catch((cause: unknown) => {
    const lost = connection.lost();
    throw new Passing(
      lost ??
        new LifeboatError(
          'source_unreachable',
          'the host lets us run nothing',
          'Allow the user to run a shell there.',
          { cause },
        ),
    );
  });
  const said: Said = { quiet: false, done: false, noise: '' };
  let line = '';
  channel.stderr.on('data', (chunk: Buffer) => {
    const lines = `${line}${chunk.toString('utf8')}`.split('\n');
    line = (lines.pop() ?? '').slice(0, LONGEST_LINE);
    for (const each of lines) {
      if (!each.startsWith(`${input.mark} `)) {
        said.noise = `${said.noise} ${printable(each)}`.slice(0, 500);
        continue;
      }
      const [, word = '', rest = ''] = /^\S+ (\S+) ?(.*)$/s.exec(each) ?? [];
      hear(said, word, rest, now);
      onWord(word, said);
    }
  });
  const out = new PassThrough({ highWaterMark: 1 << 20 });
  out.on('error', () => undefined);
  channel.on('error', () => undefined);
  channel.pipe(out);
  channel.on('data', onBytes);
  let status: number | null = null;
  const beats = setInterval(
    () => channel.writable && channel.write('\n'),
    Math.max(1000, (input.quiet * 1000) / 3),
  );
  const ended = new Promise<number | null>((resolve) => {
    channel.once('exit', (code: number | null) => {
      status = code;
      // A program that outlived the shell can keep the channel open.
      setTimeout(() => resolve(status), FAREWELL_MS).unref();
    });
    channel.once('close', () => resolve(status));
    client.once('close', () => resolve(status));
  }).finally(() => {
    clearInterval(beats);
    // The connection may have gone without an end of the stream.
    if (!channel.readable) out.end();
  });
  channel.write(scriptFor(input));
  const stop = async (): Promise<number | null> => {
    clearInterval(beats);
    channel.unpipe(out);
    out.destroy();
    // What is still on its way is in the way of the host's farewell.
    channel.resume();
    channel.end();
    return Promise.race([ended, sleep(FAREWELL_MS, null, { ref: false })]);
  };
  let stopped: Promise<number | null> | undefined;
  return {
    said,
    out,
    ended,
    stop: () => (stopped ??= stop()),
  };
}

function printable(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N}\p{P}\p{S} ]+/gu, ' ').trim();
}

function hear(said: Said, word: string, rest: string, now: () => Date): void {
  const [first = '', second = ''] = rest.split(' ');
  if (word === 'hello') said.version = printable(first).slice(0, 20);
  else if (word === 'size' && /^\d+$/.test(first)) said.size = Number(first);
  else if (word === 'header')
    said.header = { size: Number(first), bytes: Buffer.from(second, 'hex') };
  else if (word === 'begun') said.begunAt = now();
  else if (word === 'copied' && /^\d+$/.test(first)) said.copied = Number(first);
  else if (word === 'quiet') said.quiet = true;
  else if (word === 'sum') said.sum = first;
  else if (word === 'done') said.done = true;
  else if (word === 'fail')
    said.fail = { word: first, detail: printable(rest.slice(first.length)).slice(0, 400) };
}
