import { LifeboatError } from '../../lib/errors.ts';

export type SmtpServer = {
  readonly host: string;
  readonly port: number;
  /**
   * `tls`: encrypted from the first byte. `required`, `optional`, `never`: whether to use STARTTLS.
   */
  readonly security: 'tls' | 'required' | 'optional' | 'never';
  readonly auth?: { readonly user: string; readonly pass: string };
};

const SMTP_URL_HINT =
  'Use smtps://user:password@host:465 or smtp://user:password@host:587, and percent-encode special characters (`@` is %40).';
const LOCAL = ['localhost', '127.0.0.1', '[::1]'];

/**
 * `smtps://` is encrypted from the start (port 465), `smtp://` by STARTTLS (port 587), which is
 * required unless `?starttls=optional` or `never` says otherwise. A password never travels in the
 * clear, except to this host itself. Errors never repeat the URL.
 */
export function parseSmtpUrl(text: string): SmtpServer {
  const url = URL.parse(text);
  if (!url) throw invalidSmtpUrl('is not a URL');
  if (url.protocol !== 'smtp:' && url.protocol !== 'smtps:')
    throw invalidSmtpUrl('must begin with smtp:// or smtps://');
  if (!url.hostname) throw invalidSmtpUrl('names no host');
  const local = LOCAL.includes(url.hostname);
  const unknown = [...url.searchParams.keys()].filter((key) => key !== 'starttls');
  if (unknown.length > 0 || url.hash || !['', '/'].includes(url.pathname))
    throw invalidSmtpUrl('has an unknown part');
  const wish = url.searchParams.get('starttls') ?? (local ? 'optional' : 'required');
  if (wish !== 'required' && wish !== 'optional' && wish !== 'never')
    throw invalidSmtpUrl('has an unknown starttls (required, optional or never)');
  if (url.protocol === 'smtps:' && url.searchParams.has('starttls'))
    throw invalidSmtpUrl('combines smtps:// with starttls');
  const auth =
    url.username || url.password
      ? { user: decodeCredential(url.username), pass: decodeCredential(url.password) }
      : undefined;
  const security = url.protocol === 'smtps:' ? 'tls' : wish;
  if (auth && !local && (security === 'optional' || security === 'never'))
    throw invalidSmtpUrl('would send its password without encryption');
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port ? Number(url.port) : security === 'tls' ? 465 : 587,
    security,
    ...(auth ? { auth } : {}),
  };
}

function invalidSmtpUrl(message: string): LifeboatError {
  return new LifeboatError('config_invalid', `SMTP_URL ${message}`, SMTP_URL_HINT);
}

function decodeCredential(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalidSmtpUrl('has a % that encodes nothing');
  }
}
