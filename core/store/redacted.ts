import { hideInTexts, type Hide } from '../lib/log/redaction.ts';
import type { Body, Store } from './store.ts';

/**
 * The store with hidden secrets in the texts of everything that is stored as JSON. Not of backups:
 * their manifests are authenticated, and hidden before.
 */
export function redactedStore<T extends Store>(store: T, hide: Hide): T {
  return {
    ...store,
    create: (key, body, options) => store.create(key, redacted(key, body, hide), options),
    replace: (key, body, generation) => store.replace(key, redacted(key, body, hide), generation),
  };
}

function redacted<T extends Body>(key: string, body: T, hide: Hide): T | Uint8Array {
  if (!(body instanceof Uint8Array) || key.startsWith('databases/') || !key.endsWith('.json'))
    return body;
  const value = parsedJson(body);
  const clean = hideInTexts(value, hide);
  return clean === value ? body : Buffer.from(`${JSON.stringify(clean)}\n`);
}

/** Undefined when the bytes are not JSON: then their fields cannot be redacted one by one. */
function parsedJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'));
  } catch {
    return undefined;
  }
}
