/**
 * A failed call, whichever of the client's two HTTP libraries threw it. Contains no header and no
 * URL, because both can be secrets.
 */
export type CallFault = {
  readonly status: number | undefined;
  /**
   * A system's or library's code such as ECONNRESET; the API's reason such as rateLimitExceeded.
   */
  readonly code: string | undefined;
  readonly message: string;
};

type Bag = Readonly<Record<string, unknown>>;

const TEMPORARY_STATUSES = new Set([408, 429, 500, 502, 503, 504]);
const CONNECTION_CODES =
  /^(ECONN|EPIPE|ETIMEDOUT|ESOCKET|EAI_|ENOTFOUND|ENETUNREACH|EHOSTUNREACH|ENETDOWN|ERR_STREAM_PREMATURE|ERR_HTTP|UND_ERR|HPE_|EPROTO|IDLE$|request-timeout)/i;
const CUT =
  /premature close|socket hang up|aborted|network timeout|invalid response body|terminated|unexpected connection closure/i;

export function callFaultOf(error: unknown): CallFault {
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
  // An answer that was cut after it began still has its 200; the connection is at fault.
  const status = statuses
    .map(Number)
    .find((each) => Number.isInteger(each) && each >= 400 && each < 600);
  const cause = bag(top['cause']);
  const code =
    firstReason(inner['errors']) ??
    firstReason(top['errors']) ??
    stringOf(top['code']) ??
    stringOf(cause['code']) ??
    stringOf(bag(cause['cause'])['code']) ??
    stringOf(top['type']) ??
    stringOf(top['name']);
  // A refused token: {"error": "invalid_grant", "error_description": "…"}.
  const refused = stringOf(bag(body)['error']);
  const token =
    refused === undefined
      ? undefined
      : [refused, stringOf(bag(body)['error_description'])].filter(Boolean).join(': ');
  const message = stringOf(inner['message']) ?? token ?? stringOf(top['message']) ?? String(error);
  return { status, code, message: clean(message) };
}

export function isConnection({ status, code, message }: CallFault): boolean {
  return status === undefined && (CONNECTION_CODES.test(code ?? '') || CUT.test(message));
}

/** Whether the same call may succeed a little later. */
export function isTemporary(fault: CallFault): boolean {
  if (fault.status === undefined) return isConnection(fault);
  if (TEMPORARY_STATUSES.has(fault.status)) return true;
  if (fault.status === 403)
    return /rateLimitExceeded|userRateLimitExceeded/i.test(fault.code ?? '');
  // Google refuses bytes that do not match their checksum: they changed on the way.
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
  return stringOf(bag(Array.isArray(errors) ? errors[0] : undefined)['reason']);
}

function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Google's messages should contain neither upload sessions nor tokens; URLs are removed anyway. */
function clean(message: string): string {
  return message
    .replaceAll(/https?:\/\/\S+/g, '(url)')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, 400);
}
