import { createHash } from 'node:crypto';
import { styleSheet } from '../style/style.ts';

/** Of every answer about backups, a page or not: nothing of it is kept, guessed at, framed or read by another site. */
export const SAFE_HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};

/**
 * The headers of every page. Nothing is loaded, run, framed or kept; only the one style sheet of this program counts, by its SHA-256, and only
 * the icon in the page itself is an image.
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
