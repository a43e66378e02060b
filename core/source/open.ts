import { fileURLToPath } from 'node:url';
import { LifeboatError } from '../lib/errors.ts';
import type { Source } from './source.ts';
import type { ObjectReader } from '../google/objects.ts';

/** What the configuration says of one source. */
export type SourceSettings = {
  /** file:, gs://, https:// or ssh:// as it was written; or an absolute path. */
  readonly url: string;
  /** https: how Lifeboat authenticates to the server. */
  readonly auth?: 'none' | 'bearer' | 'google' | undefined;
  /**
   * https with google: the audience of the ID token; by default the address without path and query.
   */
  readonly audience?: string | undefined;
  /** ssh: the pinned keys of the host. */
  readonly hostKeys?: readonly string[] | undefined;
  /** https and ssh: the most bytes that are taken. */
  readonly maxBytes?: number | undefined;
};

/**
 * What sources need from outside; each function is called only by the kind of source that needs it.
 */
export type SourceAccess = {
  /** gs: reads the objects of one bucket. */
  readonly objects?: ((bucket: string) => ObjectReader | Promise<ObjectReader>) | undefined;
  /** https with google. */
  readonly idToken?: ((audience: string) => Promise<string>) | undefined;
  /** https with bearer: LIFEBOAT_HTTPS_TOKEN. */
  readonly bearer?: string | undefined;
  /** ssh: LIFEBOAT_SSH_KEY. */
  readonly sshKey?: string | undefined;
  readonly now?: (() => Date) | undefined;
};

/**
 * The source that a URL names; loads the code for its kind only, and connects to nothing. Throws
 * `config_invalid`, whose message repeats no secret.
 */
export async function openSource(
  settings: SourceSettings,
  access: SourceAccess = {},
): Promise<Source> {
  const { url, hostKeys = [], maxBytes } = settings;
  const now = access.now ? { now: access.now } : {};
  const kind = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase();
  if (kind === 'gs') return openGs(url, access, now);
  if (kind === 'https' || kind === 'http') return openHttps(settings, access, now);
  if (kind === 'ssh') {
    const { createSshSource } = await import('./ssh/ssh.ts');
    return createSshSource({ url, privateKey: access.sshKey, hostKeys, maxBytes, ...now });
  }
  const { createFileSource } = await import('./file.ts');
  if (url.startsWith('/')) return createFileSource(url);
  if (kind === 'file' && /^file:\/(\/\/)?[^/]/.test(url) && URL.canParse(url))
    return createFileSource(fileURLToPath(url));
  throw invalid(
    kind === undefined || kind === 'file'
      ? 'the source is not an absolute path'
      : `sources of the kind ${kind}: are not known`,
    'Write it like /path/db, file:///path/db, gs://bucket/db, https://host/db or ssh://user@host/path/db.',
  );
}

async function openGs(
  url: string,
  { objects }: SourceAccess,
  now: { now?: () => Date },
): Promise<Source> {
  const [, bucket = '', object = ''] = /^gs:\/\/([^/]*)\/?(.*)$/s.exec(url) ?? [];
  if (bucket.includes('@'))
    throw invalid(
      'the source carries a user or a password',
      'Take it out; Google Cloud knows who runs Lifeboat.',
    );
  if (!/^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/.test(bucket) || object === '' || object.endsWith('/'))
    throw invalid(
      `the source ${url} names no object`,
      'Write it like gs://bucket/path/of/the/database.',
    );
  if (!objects)
    throw invalid('buckets cannot be read here', 'Give the part of Lifeboat that reads buckets.');
  const { createGsSource } = await import('./gs.ts');
  return createGsSource({ bucket, object, reader: await objects(bucket), ...now });
}

function invalid(message: string, hint: string): LifeboatError {
  return new LifeboatError('config_invalid', message, hint);
}

async function openHttps(
  settings: SourceSettings,
  { idToken, bearer }: SourceAccess,
  now: { now?: () => Date },
): Promise<Source> {
  const { url, auth = 'none', maxBytes } = settings;
  const [{ parseHttps }, { createHttpsSource }] = await Promise.all([
    import('./https/address.ts'),
    import('./https/https.ts'),
  ]);
  const { origin } = parseHttps(url);
  if (auth === 'bearer' && (bearer ?? '') === '')
    throw invalid(
      'there is no secret for the source: LIFEBOAT_HTTPS_TOKEN is not set',
      'Set it to the token, or set https.auth to none.',
    );
  if (auth === 'google' && !idToken)
    throw invalid('ID tokens cannot be had here', 'Set https.auth to bearer or none.');
  const token = async () =>
    auth === 'google' ? ((await idToken?.(settings.audience ?? origin)) ?? '') : (bearer ?? '');
  return createHttpsSource({
    url,
    auth: auth === 'none' ? { kind: auth } : { kind: auth, token },
    maxBytes,
    ...now,
  });
}
