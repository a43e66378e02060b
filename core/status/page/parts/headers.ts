import { createHash } from 'node:crypto';
import { styleSheet } from '../style/style.ts';

/**
 * On every response about backups: not cached, not sniffed, not framed and not readable by other
 * sites.
 */
export const SAFE_HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};

/**
 * The headers of every page. A page loads, runs and frames nothing; it may use only its own style
 * sheet, allowed by its SHA-256, and the icon inside the page.
 */
export function pageHeaders() {
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': [
      "default-src 'none'",
      `style-src 'sha256-${createHash('sha256').update(styleSheet()).digest('base64')}'`,
      'img-src data:',
      "form-action 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    ...SAFE_HEADERS,
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  };
}
