import { createHash } from 'node:crypto';
import { LifeboatError } from '../../lib/errors.ts';
import type { SshAddress } from './address.ts';

export type HostKeys = {
  /** `SHA256:` fingerprints, one of which must be the host's. */
  readonly fingerprints: readonly string[];
  /**
   * The types of the pinned keys, if all are known; Lifeboat requests one of these from the host.
   */
  readonly types: readonly string[] | undefined;
};

const LINE =
  /(?:^|\s)(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)) (AAAA[A-Za-z0-9+/]+={0,2})(?:\s|$)/;
const PRINT = /^SHA256:([A-Za-z0-9+/]{43})=?$/;

/** As OpenSSH prints it. */
export function fingerprintOf(key: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** The type that a key says of itself; RFC 4253, section 6.6. */
export function typeOf(key: Buffer): string {
  return key.length < 4
    ? 'unknown'
    : key.toString('latin1', 4, 4 + Math.min(key.readUInt32BE(0), 40));
}

/**
 * Reads the pinned keys of a host: fingerprints, lines of a public key, or lines of `ssh-keyscan`.
 * Throws `config_invalid` when there is none, or one cannot be read.
 */
export function parseHostKeys(
  lines: readonly string[],
  { host, port }: Pick<SshAddress, 'host' | 'port'>,
): HostKeys {
  const scan = `ssh-keyscan ${port === 22 ? '' : `-p ${port} `}${host}`;
  if (lines.length === 0)
    throw new LifeboatError(
      'config_invalid',
      `ssh.hostKey has no key of ${host}`,
      `Run \`${scan} | ssh-keygen -lf -\` here and \`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub\` on ${host}. If the fingerprints are the same, put the output of \`${scan}\` into \`ssh.hostKey\`.`,
    );
  const keys = lines.map((line) => {
    const print = PRINT.exec(line.trim())?.[1];
    if (print !== undefined) return { print: `SHA256:${print}`, type: undefined };
    const [, type, blob] = LINE.exec(line.trim()) ?? [];
    const key = Buffer.from(blob ?? '', 'base64');
    if (type === undefined || typeOf(key) !== type)
      throw new LifeboatError(
        'config_invalid',
        `a host key for ${host} cannot be read: ${line.trim().slice(0, 30)}`,
        `Use a form such as SHA256:… or ssh-ed25519 AAAA…, as \`${scan}\` prints it, not a private key or an MD5 fingerprint.`,
      );
    return { print: fingerprintOf(key), type };
  });
  const types = keys.flatMap(({ type }) => (type === undefined ? [] : signatures(type)));
  return {
    fingerprints: keys.map(({ print }) => print),
    types: keys.every(({ type }) => type !== undefined) ? [...new Set(types)] : undefined,
  };
}

function signatures(type: string): readonly string[] {
  return type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : [type];
}
