/**
 * What a failed call says, whichever of the client's two HTTP libraries it came through. Holds no
 * header and no URL: both can be secrets.
 */
export type Fault = {
  readonly status: number | undefined;
  /**
   * A system's or library's code such as ECONNRESET; the API's reason such as rateLimitExceeded.
   */
  readonly code: string | undefined;
  readonly message: string;
};

type Bag = Readonly<Record<string, unknown>>;

const LATER = new Set([408, 429, 500, 502, 503, 504]);
const CONNECTION =
  /^(ECONN|EPIPE|ETIMEDOUT|ESOCKET|EAI_|ENOTFOUND|ENETUNREACH|EHOSTUNREACH|ENETDOWN|ERR_STREAM_PREMATURE|ERR_HTTP|UND_ERR|HPE_|EPROTO|IDLE$|request-timeout)/i;
const CUT =
  /premature close|socket hang up|aborted|network timeout|invalid response body|terminated|unexpected connection closure/i;

export function faultOf(error: unknown): Fault {
  const top = bag(error);
  const response = bag(top['response']);
  const body = parsed(response['data'] ?? response['body']);
  const inner = bag(bag(body)['error']);
  const statuses = [
    top['status'],
    response['status'],
    top['code'],
    inner['code'],
    response['statusCode'],
  ];
  // An answer that began well and was cut still has its 200; that is the fault of the connection.
  const status = statuses
    .map(Number)
    .find((each) => Number.isInteger(each) && each >= 400 && each < 600);
  const cause = bag(top['cause']);
  const code =
    firstReason(inner['errors']) ??
    firstReason(top['errors']) ??
    text(top['code']) ??
    text(cause['code']) ??
    text(bag(cause['cause'])['code']) ??
    text(top['type']) ??
    text(top['name']);
  // A refused token: {"error": "invalid_grant", "error_description": "…"}.
  const refused = text(bag(body)['error']);
  const token =
    refused === undefined
      ? undefined
      : [refused, text(bag(body)['error_description'])].filter(Boolean).join(': ');
  const message = text(inner['message']) ?? token ?? text(top['message']) ?? String(error);
  return { status, code, message: clean(message) };
}

export function isConnection({ status, code, message }: Fault): boolean {
  return status === undefined && (CONNECTION.test(code ?? '') || CUT.test(message));
}

/** Whether the same call may well succeed a little later. */
export function isPassing(fault: Fault): boolean {
  if (fault.status === undefined) return isConnection(fault);
  if (LATER.has(fault.status)) return true;
  if (fault.status === 403)
    return /rateLimitExceeded|userRateLimitExceeded/i.test(fault.code ?? '');
  // Bytes that changed on the way to Google: it refuses what does not match the announced checksum.
  return fault.status === 400 && /crc32c|x-goog-hash|checksum/i.test(fault.message);
}

function bag(value: unknown): Bag {
  return typeof value === 'object' && value !== null ? (value as Bag) : {};
}

function parsed(data: unknown): unknown {
  if (typeof data !== 'string') return data;
  try {
    return JSON.parse(data) as unknown;
  } catch {
    return { error: { message: data.slice(0, 500) } };
  }
}

function firstReason(errors: unknown): string | undefined {
  return text(bag(Array.isArray(errors) ? errors[0] : undefined)['reason']);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/**
 * Google's error texts name an upload's session or a token never; URLs are cut out nevertheless.
 */
function clean(message: string): string {
  return message
    .replaceAll(/https?:\/\/\S+/g, '(url)')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, 400);
}
