import ssh2 from 'ssh2';
import { LifeboatError } from '../../lib/errors.ts';
import { interrupted, Passing } from '../passing.ts';
import type { SshAddress } from './address.ts';
import { fingerprintOf, typeOf, type HostKeys } from './host-keys.ts';

const KEEPALIVE_MS = 15_000;
const KEEPALIVES = 4;
const READY_MS = 30_000;
const MAKE_ONE =
  'Make one for Lifeboat alone: ssh-keygen -t ed25519 -N "" -f lifeboat_key, and give the content of the file lifeboat_key.';

export type Connecting = {
  readonly address: SshAddress;
  readonly hostKeys: HostKeys;
  readonly privateKey: string;
  readonly readyMs?: number;
  readonly signal?: AbortSignal | undefined;
};

/**
 * A connection to a host whose key was verified. `lost` says why the connection ended unexpectedly.
 */
export type Connection = {
  readonly client: ssh2.Client;
  readonly lost: () => LifeboatError | undefined;
  close(): void;
};

/**
 * Refuses what is no usable private key before any connection. Throws `config_invalid`; no error
 * repeats a part of the key.
 */
export function readPrivateKey(text: string | undefined): string {
  if (text === undefined || text.trim() === '')
    throw keyFault('there is no key to log in with: LIFEBOAT_SSH_KEY is not set', MAKE_ONE);
  const key = `${text.replaceAll('\r\n', '\n').trim()}\n`;
  const parsed = ssh2.utils.parseKey(key);
  const found = Array.isArray(parsed) ? parsed[0] : parsed;
  if (found instanceof Error || found === undefined) {
    if (/encrypted|passphrase/i.test(found?.message ?? ''))
      throw keyFault(
        'the key in LIFEBOAT_SSH_KEY is protected by a passphrase, which nobody can type here',
        MAKE_ONE,
      );
    throw keyFault(
      'the text in LIFEBOAT_SSH_KEY is not a private key',
      `Give the whole file with its first and last line. ${MAKE_ONE}`,
    );
  }
  if (!found.isPrivateKey())
    throw keyFault(
      'the text in LIFEBOAT_SSH_KEY is the public key',
      'Give the private one, the file without .pub.',
    );
  return key;
}

/**
 * Connects, compares the host's key before anything else is said, and logs in. Throws
 * LifeboatErrors, or Passing where a retry may help.
 */
export async function connect({
  address,
  hostKeys,
  privateKey,
  readyMs = READY_MS,
  signal,
}: Connecting): Promise<Connection> {
  const { user, host, port } = address;
  const client = new ssh2.Client();
  let stranger: LifeboatError | undefined;
  let lost: LifeboatError | undefined;
  // Stays until the end: an error event without a listener ends the process.
  client.on('error', (error: Error) => {
    const failure = failureOf(error, address);
    lost ??= failure instanceof Passing ? failure.failure : failure;
  });
  const verify = (key: Buffer): boolean => {
    const found = fingerprintOf(key);
    if (hostKeys.fingerprints.includes(found)) return true;
    stranger = new LifeboatError(
      'config_invalid',
      `${host} shows the ${typeOf(key)} key ${found}, which is not the pinned one`,
      "Somebody may stand in between. If the host's key was changed, compare this fingerprint with `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` there, then pin it.",
      { facts: { fingerprint: found } },
    );
    return false;
  };
  const cancel = () => client.destroy();
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      client.once('ready', resolve);
      client.once('error', (error: Error) => reject(stranger ?? failureOf(error, address)));
      client.once('close', () =>
        reject(stranger ?? failureOf(new Error('the connection was closed'), address)),
      );
      if (signal?.aborted) return reject(interrupted(signal.reason));
      client.connect({
        host,
        port,
        username: user,
        privateKey,
        readyTimeout: readyMs,
        keepaliveInterval: KEEPALIVE_MS,
        keepaliveCountMax: KEEPALIVES,
        hostVerifier: verify,
        authHandler: ['publickey'],
        // Request a key of the pinned type, because the host shows only one.
        ...(hostKeys.types
          ? { algorithms: { serverHostKey: [...hostKeys.types] as ssh2.ServerHostKeyAlgorithm[] } }
          : {}),
      });
    });
  } catch (error) {
    client.destroy();
    throw signal?.aborted ? interrupted(error) : error;
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
  return { client, lost: () => lost, close: () => client.destroy() };
}

function keyFault(message: string, hint: string, cause?: unknown): LifeboatError {
  return new LifeboatError('config_invalid', message, hint, { cause });
}

function failureOf(
  error: Error & { level?: string; code?: unknown },
  { user, host, port }: SshAddress,
): LifeboatError | Passing {
  const place = `${host} port ${port}`;
  if (error.level === 'client-authentication')
    return unreachable(
      `${host} does not let ${user} in with this key`,
      `Add the public part of LIFEBOAT_SSH_KEY to ~/.ssh/authorized_keys of ${user} there, and check that the file and its folder are writable for nobody else.`,
      error,
    );
  if (error.code === 'ENOTFOUND')
    return unreachable(
      `there is no host ${host}`,
      'Check the name of the host in the source.',
      error,
    );
  if (/no matching|key exchange/i.test(error.message))
    return unreachable(
      `${host} and Lifeboat have no algorithm in common: ${error.message}`,
      'Update the SSH server; if a host key is pinned, the host must still have one of its type.',
      error,
    );
  const what = typeof error.code === 'string' ? error.code : error.message;
  return new Passing(
    unreachable(
      `${place} cannot be reached (${what})`,
      'Check that sshd runs there, and the firewall; then run it again.',
      error,
    ),
  );
}

function unreachable(message: string, hint: string, cause: unknown): LifeboatError {
  return new LifeboatError('source_unreachable', message, hint, { cause });
}
