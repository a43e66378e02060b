import { timeout } from '../../lib/async.ts';
import { LifeboatError, interrupted, isTransient, systemCode } from '../../lib/errors.ts';
import { silence } from '../patience.ts';
import type { SshAddress } from './address.ts';
import { connectHost, type ConnectOptions, type Connection } from './connection.ts';
import { scriptFailure } from './failures.ts';
import type { ScriptInput } from './script.ts';
import { startScript, type ScriptSession, type SessionOptions } from './session.ts';

/** A host and how to run the script there. */
export type Host = Omit<ConnectOptions, 'signal'> & {
  /** The host cleans up after so long without a heartbeat, s. */
  readonly quiet: number;
  readonly now: () => Date;
  readonly random: (bytes: number) => Buffer;
};

export type AttemptOptions = Pick<ScriptInput, 'mode'> &
  Pick<SessionOptions, 'onWord' | 'onBytes'> & {
    /** How long to wait for a busy database, ms. */
    readonly busyTimeoutMs?: number | undefined;
    readonly signal: AbortSignal | undefined;
  };

export type RunningScript = {
  readonly session: ScriptSession;
  readonly mark: string;
  /** Ends the transfer with this failure. */
  fail(failure: LifeboatError): void;
};

export const SSH_BUSY_TIMEOUT_MS = 30_000;
const LOCAL_CODES = new Set([
  'ENOSPC',
  'EDQUOT',
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOENT',
  'EEXIST',
  'EIO',
]);

/**
 * Makes one connection and runs the script once. `work` returns `undefined` when the script
 * produced nothing; then the failure is what the host and the connection say about it.
 */
export async function attemptScript<T>(
  host: Host,
  { mode, busyTimeoutMs = SSH_BUSY_TIMEOUT_MS, signal, ...listeners }: AttemptOptions,
  work: (running: RunningScript) => Promise<T | undefined>,
): Promise<T> {
  const { address, quiet, now, random } = host;
  const connection = await connectHost({ ...host, signal });
  const mark = `@${random(8).toString('hex')}`;
  let session: ScriptSession | undefined;
  let failure: LifeboatError | undefined;
  const fail = (reason: LifeboatError): void => {
    failure ??= reason;
    session?.out.destroy(reason);
  };
  const cancel = (): void => {
    fail(interrupted(signal?.reason));
    if (!session) connection.close();
  };
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    const busy = Math.max(1, Math.ceil(busyTimeoutMs / 1000));
    const input = { path: address.path, mark, mode, busy, quiet };
    session = await timeout(() => startScript({ connection, input, now, ...listeners }), {
      ms: host.readyMs,
      error: () => silence(address.host, host.readyMs),
    });
    if (signal?.aborted) cancel();
    const result = await work({ session, mark, fail }).catch((error: unknown) => {
      const isOurs = error instanceof LifeboatError && !failure && !error.transient;
      if (isOurs || isLocal(error)) throw error;
      // A stream that broke says less about the reason than the host does.
      if (isTransient(error)) failure ??= error as LifeboatError;
      return undefined;
    });
    if (result !== undefined) return result;
    const status = await session.stop();
    throw reasonFor({ failure, session, status, connection, address });
  } finally {
    signal?.removeEventListener('abort', cancel);
    await session?.stop();
    connection.close();
  }
}

type Ending = {
  readonly failure: LifeboatError | undefined;
  readonly session: ScriptSession;
  readonly status: number | null;
  readonly connection: Connection;
  readonly address: SshAddress;
};

/** The most specific reason why the script produced nothing. */
function reasonFor({ failure, session, status, connection, address }: Ending): LifeboatError {
  const { report } = session;
  if (failure && !failure.transient) return failure;
  if (report.fail) return scriptFailure(report, address);
  const loss = failure ?? connection.loss();
  if (loss) return loss;
  if (report.version === undefined && status !== null)
    return new LifeboatError(
      'source_unreachable',
      `${address.host} did not run the script${report.noise === '' ? '' : `: ${report.noise.trim().slice(0, 200)}`}`,
      `Give ${address.user} a POSIX shell on ${address.host}, neither nologin nor a forced command.`,
    );
  return new LifeboatError(
    'source_unreachable',
    `the connection to ${address.host} was lost`,
    `Check the network to ${address.host}, then run the backup again.`,
    { transient: true },
  );
}

/** A failure of this machine's disk, not of the host. */
function isLocal(error: unknown): boolean {
  return (
    LOCAL_CODES.has(systemCode(error) ?? '') &&
    error instanceof Error &&
    'syscall' in error &&
    error.syscall !== 'connect'
  );
}
