import { LifeboatError } from '../../lib/errors.ts';

export type SshAddress = {
  readonly user: string;
  readonly host: string;
  readonly port: number;
  readonly path: string;
};

const FORM =
  'Write it like ssh://user@host/path/of/the/database; special characters in the path as %20 and the like.';

/**
 * Takes ssh://user@host[:port]/path apart. Throws `config_invalid`, whose message repeats no
 * password.
 */
export function parseSsh(text: string): SshAddress {
  if (!URL.canParse(text)) throw invalid('the source is not an ssh:// address');
  const url = new URL(text);
  if (url.protocol !== 'ssh:') throw invalid('the source is not an ssh:// address');
  if (url.password !== '')
    throw invalid(
      'the source carries a password',
      'Take it out; Lifeboat logs in with the key in LIFEBOAT_SSH_KEY alone.',
    );
  if (url.username === '') throw invalid(`the source names no user for ${url.host}`);
  if (url.hostname === '') throw invalid('the source names no host');
  if (url.search !== '' || url.hash !== '')
    throw invalid('the path of the source has a ? or a #', 'Write them as %3F and %23.');
  const path = decode(url.pathname);
  if (path.startsWith('/~'))
    throw invalid(
      'the path of the source begins with ~',
      'Write the whole path; ~ is not expanded.',
    );
  if (!/^\/./s.test(path) || path.endsWith('/') || path.includes('\0'))
    throw invalid('the source names no file on the host');
  return {
    user: decode(url.username),
    // The brackets belong to the URL, not to the address.
    host: decode(url.hostname).replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? 22 : Number(url.port),
    path,
  };
}

export function formatSsh({ user, host, port, path }: SshAddress): string {
  return `ssh://${encodeURIComponent(user)}@${host.includes(':') ? `[${host}]` : host}${port === 22 ? '' : `:${port}`}${path
    .split('/')
    .map(encodeURIComponent)
    .join('/')}`;
}

function invalid(message: string, hint = FORM): LifeboatError {
  return new LifeboatError('config_invalid', message, hint);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid('the source has a % that begins no escape');
  }
}
