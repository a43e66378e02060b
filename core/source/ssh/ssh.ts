import { randomBytes } from 'node:crypto';
import { timeout } from '../../lib/async.ts';
import { toLifeboatError } from '../../lib/errors.ts';
import { PATIENCE, persist, silence, type Patience } from '../patience.ts';
import type { Source } from '../source.ts';
import { formatSsh, type SshAddress } from './address.ts';
import { attemptScript, type Host } from './attempt.ts';
import { parseHostKeys } from './host-keys.ts';
import { readPrivateKey } from './private-key.ts';
import { pullOnce } from './pull.ts';

export type SshOptions = {
  readonly address: SshAddress & {
    /** `SHA256:…` or `ssh-ed25519 AAAA…`; one of them must be the host's. */
    readonly hostKeys: readonly string[];
  };
  /** The private key in PEM or OpenSSH form. */
  readonly privateKey: string | undefined;
  readonly patience?: Partial<Patience>;
  /** The host cleans up after so long without a heartbeat from here, ms. */
  readonly hostPatienceMs?: number;
  readonly now: () => Date;
  readonly random?: (bytes: number) => Buffer;
};

/**
 * A database on a host that has sshd, a POSIX shell and the program sqlite3. Throws
 * `config_invalid` when the keys cannot be used.
 */
export function createSshSource({
  address,
  hostPatienceMs = 30_000,
  random = randomBytes,
  now,
  ...options
}: SshOptions): Source {
  // Each attempt copies everything again, so there are fewer.
  const patience: Patience = { ...PATIENCE, attempts: 3, ...options.patience };
  const host: Host = {
    address,
    hostKeys: parseHostKeys(address.hostKeys, address),
    privateKey: readPrivateKey(options.privateKey),
    readyMs: patience.idleMs,
    quiet: Math.max(1, Math.round(hostPatienceMs / 1000)),
    now,
    random,
  };
  return {
    url: formatSsh(address),
    measure: (signal) => persist(() => measureOnce(host, signal), patience, signal),
    pull: async (pull) => {
      try {
        return await persist(() => pullOnce(host, pull, patience.idleMs), patience, pull.signal);
      } catch (error) {
        throw toLifeboatError(error);
      }
    },
  };
}

function measureOnce(host: Host, signal: AbortSignal | undefined): Promise<number> {
  const ignore = () => undefined;
  const options = {
    mode: 'measure',
    signal,
    onWord: ignore,
    onBytes: ignore,
  } as const;
  return attemptScript(host, options, async ({ session }) => {
    session.out.resume();
    // To look up a size takes no longer than a login, whatever else the host says meanwhile.
    const { readyMs: ms, address } = host;
    await timeout(() => session.exitStatus, { ms, error: () => silence(address.host, ms) });
    return session.report.size;
  });
}
