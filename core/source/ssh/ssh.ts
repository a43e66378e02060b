import { randomBytes } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LifeboatError, toLifeboatError } from '../../lib/errors.ts';
import { headerFault } from '../../sqlite/header.ts';
import { interrupted, Passing, PATIENCE, persist, type Patience } from '../passing.ts';
import type { Pulled, PullOptions, Source } from '../source.ts';
import { formatSsh, parseSsh } from './address.ts';
import { connect, readPrivateKey } from './connection.ts';
import { failureOf, faultOfHeader } from './failures.ts';
import { parseHostKeys } from './host-keys.ts';
import type { ScriptInput } from './script.ts';
import { runScript, type Running, type Said, type Session } from './session.ts';
import { takeCopy } from './transfer.ts';

export type SshOptions = {
  readonly url: string;
  /** The private key in PEM or OpenSSH form. */
  readonly privateKey: string | undefined;
  /** `SHA256:…` or `ssh-ed25519 AAAA…`; one of them must be the host's. */
  readonly hostKeys: readonly string[];
  readonly maxBytes?: number | undefined;
  readonly patience?: Partial<Patience>;
  /** After so long without a beat from here the host gives up and cleans up, ms. */
  readonly hostPatienceMs?: number;
  readonly now?: () => Date;
  readonly random?: (bytes: number) => Buffer;
};

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS', 'ENOENT', 'EEXIST', 'EIO']);

/**
 * A database on a host that has sshd, a POSIX shell and the program sqlite3. Throws
 * `config_invalid` when the settings cannot be used.
 */
export function createSshSource(options: SshOptions): Source {
  const {
    maxBytes,
    hostPatienceMs = 30_000,
    now = () => new Date(),
    random = randomBytes,
  } = options;
  const address = parseSsh(options.url);
  const hostKeys = parseHostKeys(options.hostKeys, address);
  const privateKey = readPrivateKey(options.privateKey);
  // Each attempt copies everything again, so there are fewer.
  const patience: Patience = { ...PATIENCE, attempts: 3, ...options.patience };

  type Work<T> = (
    session: Session,
    mark: string,
    fail: (failure: Error) => void,
  ) => Promise<T | undefined>;

  /**
   * One connection with one run of the script. When the script produced nothing, `work` returns
   * `undefined`, and the script's exit status explains why.
   */
  const once = async <T>(
    mode: ScriptInput['mode'],
    { busyTimeoutMs = 30_000, signal }: Pick<PullOptions, 'busyTimeoutMs' | 'signal'>,
    hear: Pick<Running, 'onWord' | 'onBytes'>,
    work: Work<T>,
  ): Promise<T> => {
    const connection = await connect({
      address,
      hostKeys,
      privateKey,
      readyMs: patience.idleMs,
      signal,
    });
    const mark = `@${random(8).toString('hex')}`;
    const [busy, quiet] = [
      Math.max(1, Math.ceil(busyTimeoutMs / 1000)),
      Math.max(1, Math.round(hostPatienceMs / 1000)),
    ];
    let session: Session | undefined;
    let given: Error | undefined;
    const fail = (failure: Error) => {
      given ??= failure;
      session?.out.destroy(failure);
    };
    const cancel = () => {
      fail(interrupted(signal?.reason));
      if (!session) connection.close();
    };
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      session = await runScript({
        connection,
        input: { path: address.path, mark, mode, busy, quiet },
        now,
        ...hear,
      });
      if (signal?.aborted) cancel();
      const result = await work(session, mark, fail).catch((error: unknown) => {
        // A stream that broke says less than the host about the reason.
        if (isLocal(error) || (error instanceof LifeboatError && !given)) throw error;
        given ??= error instanceof Passing ? error : undefined;
        return undefined;
      });
      if (result !== undefined) return result;
      const status = await session.stop();
      if (given && !(given instanceof Passing)) throw given;
      const { said } = session;
      if (said.fail) throw failureOf(said, address);
      const lost = connection.lost();
      if (given ?? lost) throw given ?? new Passing(lost ?? interrupted());
      if (said.version === undefined && status !== null)
        throw new LifeboatError(
          'source_unreachable',
          `${address.host} did not run the script${said.noise === '' ? '' : `: ${said.noise.trim().slice(0, 200)}`}`,
          'The user needs a POSIX shell there: neither nologin nor a forced command.',
        );
      throw new Passing(
        new LifeboatError(
          'source_unreachable',
          `the connection to ${address.host} was cut`,
          'Check the network, then run it again.',
        ),
      );
    } finally {
      signal?.removeEventListener('abort', cancel);
      await session?.stop();
      connection.close();
    }
  };

  const refuseFault = async (path: string, size: number): Promise<void> => {
    await using file = await open(path, 'r');
    const { buffer, bytesRead } = await file.read(Buffer.alloc(100), 0, 100, 0);
    const fault = headerFault(buffer.subarray(0, bytesRead), size);
    if (fault) throw new LifeboatError(fault.code, fault.message, fault.hint);
  };

  const pullOnce = async (pull: PullOptions): Promise<Pulled> => {
    const { directory, signal, onProgress } = pull;
    const target = join(directory, 'pulled.sqlite3');
    let phase: 'copying' | 'sending' | 'sent' = 'copying';
    let idle: NodeJS.Timeout | undefined;
    const onWord = (word: string, said: Said) => {
      // The host counts its copy for as long as it lives; while bytes should flow that is no sign
      // that they do.
      if (word !== 'copied' || phase !== 'sending') idle?.refresh();
      if (word === 'copied' && phase === 'copying' && said.size !== undefined)
        onProgress?.(Math.min(said.copied ?? 0, said.size) / 2, said.size);
    };
    try {
      const startedAt = now();
      return await once(
        'pull',
        pull,
        { onWord, onBytes: () => idle?.refresh() },
        async (session, mark, fail) => {
          const seconds = Math.ceil(patience.idleMs / 1000);
          const late = () =>
            fail(
              new Passing(
                new LifeboatError(
                  'source_unreachable',
                  `${address.host} sent nothing for ${seconds} s`,
                  'Check the network, and whether that host is overloaded; then run it again.',
                ),
              ),
            );
          idle = setTimeout(late, patience.idleMs);
          const onBytes = (done: number, total: number) => {
            phase = done === total ? 'sent' : 'sending';
            // The first half of the way was the copy on the host.
            onProgress?.((total + done) / 2, total);
          };
          const sent = await takeCopy({ session, mark, target, maxBytes, onBytes });
          if (!sent) return undefined;
          const { said } = session;
          const fault = said.quiet ? faultOfHeader(said) : undefined;
          if (fault) throw fault;
          await refuseFault(target, sent.size);
          return {
            path: target,
            size: sent.size,
            takenAt: said.begunAt ?? startedAt,
            method: 'backup',
            holds: () => true,
          };
        },
      );
    } catch (error) {
      await rm(target, { force: true });
      if (signal?.aborted) throw interrupted(error);
      throw error;
    } finally {
      clearTimeout(idle);
    }
  };

  return {
    url: formatSsh(address),
    measure: (signal) =>
      persist(
        () =>
          once(
            'measure',
            signal ? { signal } : {},
            { onWord: () => undefined, onBytes: () => undefined },
            async ({ ended, said, out }) => {
              out.resume();
              await ended;
              return said.size;
            },
          ),
        patience,
        signal,
      ),
    pull: async (pull) => {
      try {
        return await persist(() => pullOnce(pull), patience, pull.signal);
      } catch (error) {
        throw toLifeboatError(error);
      }
    },
  };
}

function isLocal(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    FULL.has(String(error.code)) &&
    'syscall' in error &&
    error.syscall !== 'connect'
  );
}
