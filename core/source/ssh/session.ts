import { PassThrough, type Readable } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { timeout } from '../../lib/async.ts';
import { LifeboatError } from '../../lib/errors.ts';
import type { Connection } from './connection.ts';
import { createReportReader, emptyReport, type ScriptReport } from './report.ts';
import { scriptFor, type ScriptInput } from './script.ts';

const FAREWELL_MS = 5000;

/** One run of the script on the host. */
export type ScriptSession = {
  readonly report: ScriptReport;
  /** Standard output. */
  readonly out: Readable;
  /** Null when only the connection has ended. Never rejects. */
  readonly exitStatus: Promise<number | null>;
  /**
   * Ends the script and waits a while for it to clean up. Returns its exit status, or null when
   * there was none.
   */
  stop(): Promise<number | null>;
};

export type SessionOptions = {
  readonly connection: Connection;
  readonly input: ScriptInput;
  readonly now: () => Date;
  /** Called for each word that the script reports. */
  readonly onWord: (word: string, report: ScriptReport) => void;
  /** Called with the number of bytes that arrive on standard output. */
  readonly onBytes: (count: number) => void;
};

/** Starts the script on the host; returns before the script speaks. */
export async function startScript({
  connection,
  input,
  now,
  onWord,
  onBytes,
}: SessionOptions): Promise<ScriptSession> {
  const channel = await openShell(connection);
  const report = emptyReport();
  const readChunk = createReportReader(report, input.mark, now, (word) => onWord(word, report));
  channel.stderr.on('data', readChunk);
  const out = new PassThrough({ highWaterMark: 1 << 20 });
  out.on('error', () => undefined);
  channel.on('error', () => undefined);
  channel.pipe(out);
  channel.on('data', ({ length }: Buffer) => onBytes(length));
  const beats = startHeartbeat(channel, input.quiet);
  const exitStatus = exitOf(channel, connection).finally(() => {
    clearInterval(beats);
    // The connection may have gone without an end of the stream.
    if (!channel.readable) out.end();
  });
  channel.write(scriptFor(input));
  const end = (): Promise<number | null> => {
    clearInterval(beats);
    channel.unpipe(out);
    out.destroy();
    // What is still on its way would block the host's farewell.
    channel.resume();
    channel.end();
    const error = () => new Error('the script did not end in time');
    return timeout(() => exitStatus, { ms: FAREWELL_MS, error }).catch(() => null);
  };
  let ending: Promise<number | null> | undefined;
  return { report, out, exitStatus, stop: () => (ending ??= end()) };
}

/** Any login shell understands this; the list of processes does not show the script itself. */
async function openShell(connection: Connection): Promise<ClientChannel> {
  const { promise, resolve, reject } = Promise.withResolvers<ClientChannel>();
  connection.client.exec('exec /bin/sh', (error, channel) =>
    error ? reject(error) : resolve(channel),
  );
  try {
    return await promise;
  } catch (cause) {
    throw (
      connection.loss() ??
      new LifeboatError(
        'source_unreachable',
        'the SSH server does not let this user run a command',
        'Allow the user of the source to run a shell on the host.',
        { cause, transient: true },
      )
    );
  }
}

/** The script ends itself when no heartbeat arrives for `quiet` seconds. */
function startHeartbeat(channel: ClientChannel, quiet: number): NodeJS.Timeout {
  return setInterval(
    () => channel.writable && channel.write('\n'),
    Math.max(1000, (quiet * 1000) / 3),
  );
}

function exitOf(channel: ClientChannel, { client }: Connection): Promise<number | null> {
  let status: number | null = null;
  return new Promise((resolve) => {
    channel.once('exit', (code: number | null) => {
      status = code;
      // A program that outlived the shell can keep the channel open.
      setTimeout(() => resolve(status), FAREWELL_MS).unref();
    });
    channel.once('close', () => resolve(status));
    client.once('close', () => resolve(status));
  });
}
