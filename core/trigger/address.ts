import { LifeboatError } from '../lib/errors.ts';

/** Where the function `backup-now` is. */
export type Address = {
  readonly url: string;
  /** Without query, for people and logs. */
  readonly shown: string;
  /** Whom an ID token for it must be made for. */
  readonly audience: string;
  /** On this machine, as with `lifeboat dev`, which does not authenticate callers. */
  readonly local: boolean;
};

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
const HINT =
  'It is what `terraform output -raw backup_now_url` prints, or http://127.0.0.1:8080/backup-now with `lifeboat dev`.';

/**
 * Takes the address of the function apart. Throws `usage`, also where a token would travel in the
 * clear.
 */
export function readAddress(text: string, audience?: string): Address {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text))
    throw wrong('--url is not an address like https://backup-now-abc123-uc.a.run.app');
  const url = new URL(text);
  const shown = `${url.origin}${url.pathname}`;
  if (url.username !== '' || url.password !== '')
    throw wrong(
      '--url must not carry a user or a password',
      'The caller is known by an ID token; leave out what stands before the @.',
    );
  const local = LOOPBACK.test(url.hostname);
  if (url.protocol === 'http:' && !local)
    throw wrong(
      `no token is sent to ${shown} without encryption`,
      'Give the https:// address; http:// is for this machine (127.0.0.1) only.',
    );
  url.hash = '';
  return { url: url.href, shown, audience: audience ?? audienceOf(url), local };
}

function wrong(message: string, hint = HINT) {
  return new LifeboatError('usage', message, hint);
}

/**
 * Cloud Run takes its own origin for the audience; the older cloudfunctions.net address includes
 * the name of the function.
 */
function audienceOf({ hostname, origin, pathname }: URL): string {
  return hostname.endsWith('.cloudfunctions.net')
    ? `${origin}${/^\/[^/]+/.exec(pathname)?.[0] ?? ''}`
    : origin;
}
