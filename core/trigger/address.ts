import { LifeboatError } from '../lib/errors.ts';

/** The address of the function `backup-now`. */
export type Address = {
  readonly url: string;
  /** Without query, for errors. */
  readonly display: string;
  /** The audience of an ID token for it. */
  readonly audience: string;
  /** Whether it is on this machine, as with `lifeboat dev`, which does not authenticate callers. */
  readonly local: boolean;
};

const LOCAL_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
const ADDRESS_HINT =
  'Use the output of `terraform output -raw backup_now_url`, or http://127.0.0.1:8080/backup-now with `lifeboat dev`.';

/** Parses the address of the function. Throws `usage`, also if a token would be sent unencrypted. */
export function readAddress(text: string, audience?: string): Address {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text))
    throw addressError('--url must look like https://backup-now-abc123-uc.a.run.app');
  const url = new URL(text);
  const display = `${url.origin}${url.pathname}`;
  if (url.username !== '' || url.password !== '')
    throw addressError(
      '--url must not contain a user or a password',
      'Remove the part before the @: callers authenticate with an ID token.',
    );
  const local = LOCAL_HOST.test(url.hostname);
  if (url.protocol === 'http:' && !local)
    throw addressError(
      `refusing to send a token to ${display} without encryption`,
      'Use the https:// address; http:// works for this machine (127.0.0.1) only.',
    );
  url.hash = '';
  return { url: url.href, display, audience: audience ?? audienceOf(url), local };
}

function addressError(message: string, hint = ADDRESS_HINT) {
  return new LifeboatError('usage', message, hint);
}

/** Cloud Run expects its origin; a cloudfunctions.net address also includes the function's name. */
function audienceOf({ hostname, origin, pathname }: URL): string {
  return hostname.endsWith('.cloudfunctions.net')
    ? `${origin}${/^\/[^/]+/.exec(pathname)?.[0] ?? ''}`
    : origin;
}
