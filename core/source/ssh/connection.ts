import ssh2 from 'ssh2';
import { abortable } from '../../lib/async.ts';
import { LifeboatError } from '../../lib/errors.ts';
import type { SshAddress } from './address.ts';
import { fingerprintOf, typeOf, type HostKeys } from './host-keys.ts';

const KEEPALIVE_MS = 15_000;
const KEEPALIVES = 4;

export type ConnectOptions = {
  readonly address: SshAddress;
  readonly hostKeys: HostKeys;
  readonly privateKey: string;
  /** How long the login may take, ms. */
  readonly readyMs: number;
  readonly signal?: AbortSignal | undefined;
};

/** A connection to a host whose key was verified. */
export type Connection = {
  readonly client: ssh2.Client;
  /** Why the connection ended unexpectedly. */
  readonly loss: () => LifeboatError | undefined;
  close(): void;
};

/** Connects, compares the host's key before anything else is said, and logs in. */
export async function connectHost(options: ConnectOptions): Promise<Connection> {
  const { address, signal } = options;
  const client = new ssh2.Client();
  let loss: LifeboatError | undefined;
  // Stays until the end: an error event without a listener ends the process.
  client.on('error', (error: Error) => {
    loss ??= connectionFailure(error, address);
  });
  try {
    await abortable(logIn(client, options), signal);
  } catch (error) {
    client.destroy();
    throw error;
  }
  return { client, loss: () => loss, close: () => client.destroy() };
}

function logIn(
  client: ssh2.Client,
  { address, hostKeys, privateKey, readyMs }: ConnectOptions,
): Promise<void> {
  let strangeKey: LifeboatError | undefined;
  const hostVerifier = (key: Buffer): boolean => {
    const isPinned = hostKeys.fingerprints.includes(fingerprintOf(key));
    if (!isPinned) strangeKey = wrongHostKey(key, address);
    return isPinned;
  };
  // Request a key of the pinned type, because the host shows only one.
  const serverHostKey = hostKeys.types && ([...hostKeys.types] as ssh2.ServerHostKeyAlgorithm[]);
  return new Promise<void>((resolve, reject) => {
    const fail = (error: Error): void => reject(strangeKey ?? connectionFailure(error, address));
    client.once('ready', resolve);
    client.once('error', fail);
    client.once('close', () => fail(new Error('the connection was closed')));
    client.connect({
      host: address.host,
      port: address.port,
      username: address.user,
      privateKey,
      readyTimeout: readyMs,
      keepaliveInterval: KEEPALIVE_MS,
      keepaliveCountMax: KEEPALIVES,
      hostVerifier,
      authHandler: ['publickey'],
      ...(serverHostKey ? { algorithms: { serverHostKey } } : {}),
    });
  });
}

function wrongHostKey(key: Buffer, { host }: SshAddress): LifeboatError {
  const fingerprint = fingerprintOf(key);
  return new LifeboatError(
    'config_invalid',
    `${host} presents the ${typeOf(key)} key ${fingerprint}, which is not in ssh.hostKey`,
    `Somebody may be intercepting the connection. If the key of the host was changed, compare this fingerprint with the output of \`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub\` on ${host}, then put it into \`ssh.hostKey\`.`,
    { facts: { fingerprint } },
  );
}

function connectionFailure(
  cause: Error & { level?: string; code?: unknown },
  { user, host, port }: SshAddress,
): LifeboatError {
  const fail = (message: string, hint: string, transient = false) =>
    new LifeboatError('source_unreachable', message, hint, { cause, transient });
  if (cause.level === 'client-authentication')
    return fail(
      `${host} does not let ${user} in with this key`,
      `Add the public part of LIFEBOAT_SSH_KEY to ~/.ssh/authorized_keys of ${user} on ${host}, and check that only ${user} can write to the file and its folder.`,
    );
  if (cause.code === 'ENOTFOUND')
    return fail(`there is no host ${host}`, 'Check the name of the host in the source.');
  if (/no matching|key exchange/i.test(cause.message))
    return fail(
      `${host} and Lifeboat have no algorithm in common: ${cause.message}`,
      'Update the SSH server. If you pinned a host key, the host must still have a key of that type.',
    );
  const reason = typeof cause.code === 'string' ? cause.code : cause.message;
  return fail(
    `${host} port ${port} cannot be reached (${reason})`,
    `Check that sshd is running on ${host}, and the firewall. Then run the backup again.`,
    true,
  );
}
