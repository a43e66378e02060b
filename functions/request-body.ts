import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Request } from '@google-cloud/functions-framework';
import { LifeboatError, systemCode } from '../core/lib/errors.ts';
import { BODY_EXAMPLE, MAX_BYTES } from '../core/messages/limits.ts';
import { ENGLISH, formatSize } from '../core/lib/text/format.ts';

const FORM = /^application\/x-www-form-urlencoded\s*(;|$)/i;
const FORM_HINT = 'Open the status page, and start the backup there.';
const JSON_REQUEST = /^application\/json\s*(;|$)/i;

/**
 * The body of a request, decompressed, at most `MAX_BYTES` long. Throws `usage` when it is larger,
 * is not declared as JSON, or has another encoding than gzip.
 */
export async function readBody(request: Request): Promise<Uint8Array> {
  // A form or a script of a web page can send any other type without asking the server first.
  if (!JSON_REQUEST.test(contentTypeOf(request) ?? ''))
    throw new LifeboatError(
      'usage',
      'the content type of the request is not application/json',
      `Send the header "Content-Type: application/json". ${BODY_EXAMPLE}`,
    );
  const bytes = request.rawBody ?? (await collectBody(request));
  const encoding = request.get('content-encoding') ?? 'identity';
  // The framework has decompressed what it has read.
  if (encoding === 'identity' || request.rawBody) return bytes;
  if (encoding === 'gzip') return decompress(bytes);
  throw new LifeboatError(
    'usage',
    `unsupported content encoding ${JSON.stringify(encoding.slice(0, 80))}`,
    'Send the request without compression.',
  );
}

/** The fields of a form. Throws `usage` when it is too large, or no form. */
export async function readForm(request: Request): Promise<URLSearchParams> {
  if (!FORM.test(contentTypeOf(request) ?? ''))
    throw new LifeboatError('usage', 'the request is not a form', FORM_HINT);
  const bytes = request.rawBody ?? (await collectBody(request, FORM_HINT));
  return new URLSearchParams(Buffer.from(bytes).toString('utf8'));
}

/**
 * Keeps functions-framework from parsing the body of a request: its parsers inflate up to 1 GiB,
 * and answer broken JSON with a page of HTML before the function is called. They skip a request
 * without a content type, which stays in the raw headers.
 */
export function bypassBodyParsers(request: IncomingMessage): void {
  delete request.headers['content-type'];
}

/** Does so for every request of this process, before the framework sees the request. */
export function bypassBodyParsersAlways(): void {
  subscribe('http.server.request.start', (message) =>
    bypassBodyParsers((message as { request: IncomingMessage }).request),
  );
}

function contentTypeOf({ headers, rawHeaders }: IncomingMessage): string | undefined {
  const name = rawHeaders.findIndex(
    (each, index) => index % 2 === 0 && each.toLowerCase() === 'content-type',
  );
  return headers['content-type'] ?? (name < 0 ? undefined : rawHeaders[name + 1]);
}

/** Reads to the end, so that the caller gets the answer, but keeps no more than is allowed. */
async function collectBody(
  request: IncomingMessage,
  hint: string = BODY_EXAMPLE,
): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size <= MAX_BYTES) parts.push(part);
  }
  if (size > MAX_BYTES) throw bodyTooLarge(formatSize(ENGLISH, size), hint);
  return Buffer.concat(parts);
}

async function decompress(bytes: Uint8Array): Promise<Uint8Array> {
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: MAX_BYTES });
  } catch (cause) {
    if (systemCode(cause) === 'ERR_BUFFER_TOO_LARGE')
      throw bodyTooLarge('after decompression', BODY_EXAMPLE);
    throw new LifeboatError('usage', 'the request is not valid gzip', BODY_EXAMPLE, { cause });
  }
}

function bodyTooLarge(size: string, hint: string): LifeboatError {
  return new LifeboatError(
    'usage',
    `the request is too large (${size}); the limit is ${formatSize(ENGLISH, MAX_BYTES)}`,
    hint,
  );
}
