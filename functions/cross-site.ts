import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a page of another site made the browser send this request. Browsers add `Sec-Fetch-Site`
 * or, if they are older, `Origin` with POST, and no page can change either; other clients send
 * neither. `publicUrl` is where people open the page: behind a proxy, `Host` may be another name.
 */
export function isCrossSite(headers: IncomingHttpHeaders, publicUrl?: string): boolean {
  const { host, origin, 'sec-fetch-site': site } = headers;
  // The browser compared both addresses as it saw them.
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  if (origin === undefined || origin === `http://${host}` || origin === `https://${host}`)
    return false;
  return publicUrl === undefined || origin !== new URL(publicUrl).origin;
}
