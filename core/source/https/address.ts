import { LifeboatError } from '../../lib/errors.ts';
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
const SECRET =
  /token|secret|passw|signature|credential|auth|api[-_]?key|access[-_]?key|^(key|sig|pwd)$/i;

/** The address without what may be a secret or vary: as a person names it. */
export function publicUrl(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

/**
 * Takes the address of a database apart. Throws `config_invalid`, whose message repeats no secret.
 */
export function parseHttps(text: string): URL {
  if (!URL.canParse(text))
    throw invalid(
      'the source is not an https:// address',
      'Write it like https://host/path/of/the/database.',
    );
  const url = new URL(text);
  if (url.username !== '' || url.password !== '')
    throw invalid(
      `the source ${publicUrl(url)} carries a user or a password`,
      'Take them out of the address; set https.auth to bearer and give the secret in LIFEBOAT_HTTPS_TOKEN.',
    );
  const name = [...url.searchParams.keys()].find((each) => SECRET.test(each));
  if (name !== undefined)
    throw invalid(
      `the source ${publicUrl(url)} carries a secret in ?${name}=`,
      'Take it out of the address, which is logged in many places; set https.auth to bearer and give the secret in LIFEBOAT_HTTPS_TOKEN.',
    );
  if (url.hash !== '')
    throw invalid(
      `the source ${publicUrl(url)} has a part after #`,
      'Take it out; no server ever sees it.',
    );
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && LOOPBACK.test(url.hostname)))
    throw invalid(
      `the source ${publicUrl(url)} is not encrypted on its way`,
      'Use https://; http:// is for this machine only.',
    );
  return url;
}

/**
 * Where a redirect leads to. Another origin is refused: it would see the secret, or could serve
 * another database.
 */
export function followRedirect(from: URL, location: string | undefined): URL {
  if (location === undefined || !URL.canParse(location, from.href))
    throw invalid(`${publicUrl(from)} redirects to nowhere`, 'Check the address with curl -I.');
  const to = new URL(location, from);
  if (to.username !== '' || to.password !== '' || to.origin !== from.origin)
    throw invalid(
      `${publicUrl(from)} redirects to ${to.protocol}//${to.host}`,
      to.protocol === 'http:' && from.protocol === 'https:'
        ? 'The server turns to an unencrypted address; mend that, Lifeboat does not go there.'
        : 'Lifeboat does not follow to another host; if it is the right one, write its address into the configuration.',
    );
  return to;
}

function invalid(message: string, hint: string): LifeboatError {
  return new LifeboatError('config_invalid', message, hint);
}
