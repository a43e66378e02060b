import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a page of another site made the browser send this request. Browsers add `Sec-Fetch-Site`
 * or, with POST, `Origin`, and no page can change either; other clients send neither.
 */
export function isCrossSite(headers: IncomingHttpHeaders): boolean {
  const { host, origin, 'sec-fetch-site': site } = headers;
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  return origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`;
}
