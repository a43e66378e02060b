import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { LifeboatError, systemCode } from '../../lib/errors.ts';
import { retryAfter } from './state.ts';
import { followRedirect, publicUrl } from './url.ts';

/** How Lifeboat authenticates to the server; `token` is called for each request. */
export type HttpsAuth =
  | { readonly kind: 'none' }
  | { readonly kind: 'bearer' | 'google'; readonly token: () => Promise<string> };

const MOST_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const TLS_FAULT = /^(CERT_|ERR_TLS_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|ERR_SSL_|EPROTO)/;
const ACCESS_HINTS: Readonly<Record<HttpsAuth['kind'], string>> = {
  none: 'If the server requires a token, set `https.auth` to bearer or google in lifeboat.yaml.',
  bearer: 'Check LIFEBOAT_HTTPS_TOKEN: the token may have been changed on the server.',
  google:
    'Grant the identity that runs Lifeboat the invoker role on that service, and check `https.audience`.',
};

export type HttpsRequest = {
  readonly url: URL;
  readonly method: 'GET' | 'HEAD';
  readonly auth: HttpsAuth;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
};

/**
 * Sends one request, and follows redirects on the same host. The body of the answer is neither
 * decoded nor read. Throws `source_unreachable` and `config_invalid`.
 */
export async function sendRequest({
  url,
  method,
  auth,
  headers,
  signal,
}: HttpsRequest): Promise<IncomingMessage> {
  let at = url;
  for (let hops = 0; hops <= MOST_REDIRECTS; hops += 1) {
    const allHeaders = {
      ...headers,
      ...(await authorization(auth)),
      'accept-encoding': 'identity',
      'user-agent': 'lifeboat',
    };
    const response = await httpExchange(at, method, allHeaders, signal);
    // Failures after the headers arrived reach the reader of the body.
    response.on('error', () => undefined);
    if (!REDIRECTS.has(response.statusCode ?? 0)) return response;
    response.destroy();
    at = followRedirect(at, response.headers.location);
  }
  throw new LifeboatError(
    'config_invalid',
    `${publicUrl(url)} redirects in a loop`,
    'Check the address with `curl -IL`.',
  );
}

/** The failure of an answer whose status is not that of a database. */
export function statusFailure(
  { statusCode: status = 0, headers }: IncomingMessage,
  url: URL,
  auth: HttpsAuth,
): LifeboatError {
  const where = publicUrl(url);
  const fail = (message: string, hint: string) =>
    new LifeboatError('source_unreachable', message, hint, {
      transient: status === 408 || status === 425 || status === 429 || status >= 500,
      retryAfterMs: retryAfter(headers['retry-after'], Date.now()),
    });
  if (status === 401 || status === 403)
    return fail(`${where} denies access (${status})`, ACCESS_HINTS[auth.kind]);
  if (status === 404 || status === 410)
    return fail(`there is no database at ${where} (${status})`, 'Check the path of the source.');
  return fail(
    `${where} answers ${status}`,
    'Check the log of that server, then run the backup again.',
  );
}

async function authorization(auth: HttpsAuth): Promise<Record<string, string>> {
  if (auth.kind === 'none') return {};
  const token = (await auth.token()).trim();
  if (!/^[\u0021-\u007e]+$/.test(token))
    throw new LifeboatError(
      'config_invalid',
      'LIFEBOAT_HTTPS_TOKEN is empty, or has characters that an HTTP header cannot carry',
      'Set LIFEBOAT_HTTPS_TOKEN to the token alone, without quotes, line breaks or the word Bearer.',
    );
  return { authorization: `Bearer ${token}` };
}

function httpExchange(
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
    request.on('error', (error) => reject(networkFailure(error, url)));
    request.end();
  });
}

function networkFailure(cause: unknown, url: URL): LifeboatError {
  const code = systemCode(cause) ?? 'no answer';
  const [where, { host }] = [publicUrl(url), url];
  if (code === 'ENOTFOUND')
    return new LifeboatError(
      'source_unreachable',
      `there is no host ${host}`,
      'Check the name of the host in the source.',
      { cause },
    );
  if (TLS_FAULT.test(code))
    return new LifeboatError(
      'source_unreachable',
      `the certificate of ${host} is not trusted, or it does not speak TLS (${code})`,
      'Renew or complete the certificate. To trust your own certificate authority, set NODE_EXTRA_CA_CERTS.',
      { cause },
    );
  return new LifeboatError(
    'source_unreachable',
    `${where} cannot be reached (${code})`,
    'Check that the server is running, and its firewall. Then run the backup again.',
    { cause, transient: true },
  );
}
