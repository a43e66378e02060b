import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

type Refusal = { readonly status: number; readonly headers: Readonly<Record<string, string>> };
type Checked = Pick<IncomingMessage, 'headers' | 'method' | 'url'>;

/**
 * Decides who may send requests to `lifeboat serve` and `lifeboat dev`. With a token, only requests
 * that carry it, as `Authorization: Bearer` or as the password of a browser; without one, only
 * requests for a loopback name, so that a web page cannot reach the server under its own name (DNS
 * rebinding). Everybody may ask whether the process is alive.
 */
export function createGate(token: string | undefined): (request: Checked) => Refusal | undefined {
  if (!token)
    return ({ headers }) =>
      /^(127(\.\d{1,3}){3}|localhost|\[::1\])(:\d+)?$/.test(headers.host ?? '')
        ? undefined
        : { status: 421, headers: {} };
  const tokenDigest = sha256Of(token);
  return ({ headers, method, url }) => {
    if (method === 'GET' && url === '/status/health') return undefined;
    if (timingSafeEqual(sha256Of(credentialOf(headers.authorization)), tokenDigest))
      return undefined;
    return { status: 401, headers: { 'www-authenticate': 'Basic realm="Lifeboat"' } };
  };
}

function credentialOf(authorization = ''): string {
  const [scheme = '', value = ''] = authorization.split(' ');
  if (scheme.toLowerCase() === 'bearer') return value;
  if (scheme.toLowerCase() !== 'basic') return '';
  const decoded = Buffer.from(value, 'base64').toString('utf8');
  return decoded.slice(decoded.indexOf(':') + 1);
}

/** Of equal length for every text, as the comparison requires. */
function sha256Of(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
