import type { SourceAddress } from '../../config/source-address.ts';

/** Where on which host the database is. */
export type SshAddress = Pick<
  Extract<SourceAddress, { kind: 'ssh' }>,
  'user' | 'host' | 'port' | 'path'
>;

export function formatSsh({ user, host, port, path }: SshAddress): string {
  const authority = `${encodeURIComponent(user)}@${host.includes(':') ? `[${host}]` : host}`;
  return `ssh://${authority}${port === 22 ? '' : `:${port}`}${path
    .split('/')
    .map(encodeURIComponent)
    .join('/')}`;
}
