import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { LifeboatError } from '../../lib/errors.ts';
import { followRedirect, publicUrl } from './address.ts';
import { retryAfter } from './state.ts';
import { Passing } from '../passing.ts';

/** How Lifeboat authenticates to the server; `token` is called for each request. */
export type HttpsAuth =
  | { readonly kind: 'none' }
  | { readonly kind: 'bearer' | 'google'; readonly token: () => Promise<string> };

const MOST_REDIRECTS = 5;

export type Asking = {
  readonly url: URL;
  readonly method: 'GET' | 'HEAD';
  readonly auth: HttpsAuth;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
};

/** What a status means that brings no database. */
export function statusFailure(response: IncomingMessage, url: URL, auth: HttpsAuth): Error {
  const [status, where] = [response.statusCode ?? 0, publicUrl(url)];
  if (status === 401 || status === 403)
    return unreachable(
      `${where} answers ${status}: it does not let us in`,
      {
        none: 'If it wants a secret, set https.auth to bearer or google.',
        bearer: 'Check the secret in LIFEBOAT_HTTPS_TOKEN: it may have been changed on the server.',
        google:
          'Give the identity that runs Lifeboat the invoker role there, and check https.audience.',
      }[auth.kind],
    );
  if (status === 404 || status === 410)
    return unreachable(
      `there is no database at ${where} (${status})`,
      'Check the path of the source.',
    );
  const failure = unreachable(
    `${where} answers ${status}`,
    'Look into the log of that server, then run it again.',
  );
  const passes = status === 408 || status === 425 || status === 429 || status >= 500;
  return passes
    ? new Passing(failure, retryAfter(response.headers['retry-after'], Date.now()))
    : failure;
}

/**
 * One request, and the redirects that stay on the host. The answer's body is neither decoded nor
 * read.
 */
export async function ask({
  url,
  method,
  auth,
  headers,
  signal,
}: Asking): Promise<IncomingMessage> {
  let at = url;
  for (let hops = 0; hops <= MOST_REDIRECTS; hops += 1) {
    const own = {
      ...headers,
      ...(await authorization(auth)),
      'accept-encoding': 'identity',
      'user-agent': 'lifeboat',
    };
    const response = await send(at, method, own, signal);
    // Failures after the headers arrived reach the reader of the body.
    response.on('error', () => undefined);
    if (![301, 302, 303, 307, 308].includes(response.statusCode ?? 0)) return response;
    response.destroy();
    at = followRedirect(at, response.headers.location);
  }
  throw new LifeboatError(
    'config_invalid',
    `${publicUrl(url)} redirects in circles`,
    'Check the address with curl -IL.',
  );
}

function unreachable(message: string, hint: string, cause?: unknown): LifeboatError {
  return new LifeboatError('source_unreachable', message, hint, { cause });
}

async function authorization(auth: HttpsAuth): Promise<Record<string, string>> {
  if (auth.kind === 'none') return {};
  const token = (await auth.token()).trim();
  if (!/^[\u0021-\u007e]+$/.test(token))
    throw new LifeboatError(
      'config_invalid',
      'the secret for the source is empty, or has characters that no header can carry',
      'Set LIFEBOAT_HTTPS_TOKEN to the token alone, without quotes, line breaks or the word Bearer.',
    );
  return { authorization: `Bearer ${token}` };
}

function send(
  url: URL,
  method: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
      method,
      headers,
      signal,
      agent: false,
    });
    request.once('response', resolve);
    // It stays: after a cut both the request and its response fail.
    request.on('error', (error) => reject(failureOf(error, url)));
    request.end();
  });
}

function failureOf(error: unknown, url: URL): Error {
  const code =
    error instanceof Error && 'code' in error && typeof error.code === 'string'
      ? error.code
      : 'no answer';
  const [where, { host }] = [publicUrl(url), url];
  if (code === 'ENOTFOUND')
    return unreachable(
      `there is no host ${host}`,
      'Check the name of the host in the source.',
      error,
    );
  if (/^(CERT_|ERR_TLS_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|ERR_SSL_|EPROTO)/.test(code))
    return unreachable(
      `the certificate of ${host} is not trusted, or it does not speak TLS (${code})`,
      'Renew or complete the certificate; one of your own authority is trusted through NODE_EXTRA_CA_CERTS.',
      error,
    );
  return new Passing(
    unreachable(
      `${where} cannot be reached (${code})`,
      'Check that the server runs and its firewall, then run it again.',
      error,
    ),
  );
}
