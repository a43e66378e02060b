import { LifeboatError } from '../../lib/errors.ts';

export type SmtpServer = {
  readonly host: string;
  readonly port: number;
  /**
   * `tls`: encrypted from the first byte. `required`, `optional`, `never`: what becomes of
   * STARTTLS.
   */
  readonly security: 'tls' | 'required' | 'optional' | 'never';
  readonly auth?: { readonly user: string; readonly pass: string };
};

const FORMS =
  'Give smtps://user:password@host:465 or smtp://user:password@host:587; special characters in a password as %40 and the like.';
const LOCAL = ['localhost', '127.0.0.1', '[::1]'];

/**
 * `smtps://` is encrypted from the start (port 465), `smtp://` by STARTTLS (port 587), which is
 * required unless `?starttls=optional` or `never` says otherwise. A password never travels in the
 * clear, except to this host itself. Errors never repeat the URL.
 */
export function parseSmtpUrl(text: string): SmtpServer {
  const url = URL.parse(text);
  if (!url) throw invalid('is not an address');
  if (url.protocol !== 'smtp:' && url.protocol !== 'smtps:')
    throw invalid('begins with neither smtp:// nor smtps://');
  if (!url.hostname) throw invalid('names no host');
  const local = LOCAL.includes(url.hostname);
  const unknown = [...url.searchParams.keys()].filter((key) => key !== 'starttls');
  if (unknown.length > 0 || url.hash || !['', '/'].includes(url.pathname))
    throw invalid('has a part that is not known');
  const wish = url.searchParams.get('starttls') ?? (local ? 'optional' : 'required');
  if (wish !== 'required' && wish !== 'optional' && wish !== 'never')
    throw invalid('has a starttls other than required, optional or never');
  if (url.protocol === 'smtps:' && url.searchParams.has('starttls'))
    throw invalid('has smtps and starttls, which exclude each other');
  const auth =
    url.username || url.password
      ? { user: decoded(url.username), pass: decoded(url.password) }
      : undefined;
  const security = url.protocol === 'smtps:' ? 'tls' : wish;
  if (auth && !local && (security === 'optional' || security === 'never'))
    throw invalid('would send its password without encryption');
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port ? Number(url.port) : security === 'tls' ? 465 : 587,
    security,
    ...(auth ? { auth } : {}),
  };
}

function invalid(message: string): LifeboatError {
  return new LifeboatError('config_invalid', `SMTP_URL ${message}`, FORMS);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid('has a % that is not part of an escape');
  }
}
