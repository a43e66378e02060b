import { LifeboatError } from '../../lib/errors.ts';

/** The address without its query, which may be a secret: for people, logs and manifests. */
export function publicUrl(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

/**
 * Where a redirect leads to. Throws `config_invalid` for another origin: it would see the secret,
 * or could serve another database.
 */
export function followRedirect(from: URL, location: string | undefined): URL {
  if (location === undefined || !URL.canParse(location, from.href))
    throw badRedirect(
      `${publicUrl(from)} redirects without a usable Location`,
      'Check the address with `curl -I`.',
    );
  const to = new URL(location, from);
  if (to.username !== '' || to.password !== '' || to.origin !== from.origin)
    throw badRedirect(
      `${publicUrl(from)} redirects to ${to.protocol}//${to.host}`,
      to.protocol === 'http:' && from.protocol === 'https:'
        ? 'Remove the redirect on the server: Lifeboat does not follow redirects to an unencrypted address.'
        : 'Lifeboat does not follow redirects to another host. If it is the right one, put its address into lifeboat.yaml.',
    );
  return to;
}

function badRedirect(message: string, hint: string): LifeboatError {
  return new LifeboatError('config_invalid', message, hint);
}
