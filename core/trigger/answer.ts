import { isCode, LifeboatError } from '../lib/errors.ts';
import type { Address } from './address.ts';
import { describeToken } from './token.ts';
import type { BackupResult } from '../documents/backup.ts';

/** The result of one request. `again`: a retry with the same key may succeed. */
export type TriggerOutcome =
  | { readonly kind: 'done'; readonly document: BackupResult }
  | { readonly kind: 'failed'; readonly error: LifeboatError; readonly again: boolean };

export type BackupCall = {
  readonly address: Address;
  readonly database: string;
  readonly token: string | undefined;
};

const LOGS = 'Read the log of the function (Cloud Console, or `gcloud functions logs read`).';

/** Judges the last line or the whole body. A status in the document overrides the response's. */
export function judgeDocument(call: BackupCall, status: number, value: unknown): TriggerOutcome {
  const document = asObject(value);
  if (!document) return foreign(call, status);
  const error = asObject(document['error']) ?? document;
  const own = typeof document['status'] === 'number' ? document['status'] : status;
  if (status < 300 && isBackup(document, call.database)) {
    const { ok: _, ...result } = document;
    return { kind: 'done', document: result as BackupResult };
  }
  if (typeof error['code'] === 'string' && document['ok'] !== true)
    return functionError(own, error);
  return foreign(call, status);
}

/** Judges an answer that is not from Lifeboat: from Cloud Run, a proxy, or a wrong address. */
export function judgeStatus(
  call: BackupCall,
  status: number,
  location: string | null,
): TriggerOutcome {
  const { address, token } = call;
  const { display } = address;
  if (status === 401 || status === 403)
    return failedCall(
      false,
      'store_denied',
      `${display} refuses the caller (${status})`,
      `Grant the caller roles/run.invoker on the service (\`deployers\` in Terraform). The request had ${describeToken(token, address.audience)}`,
    );
  if (status === 404 || status === 405)
    return failedCall(
      false,
      'usage',
      `there is no backup-now at ${display} (${status})`,
      'Check --url, region and project. A service with internal ingress answers like this to callers from outside.',
    );
  if (status >= 300 && status < 400)
    return failedCall(
      false,
      'usage',
      `${display} redirects${location === null ? '' : ` to ${location.replace(/[?#].*$/, '').slice(0, 200)}`}, but Lifeboat sends its token nowhere else`,
      'Set --url to the address of the function itself.',
    );
  if (status === 504)
    return failedCall(
      false,
      'deadline',
      'the platform ended the function before the backup was done (504)',
      `Raise the timeout of the function. ${LOGS}`,
    );
  if (isUnavailable(status) || status === 408 || status === 429)
    return failedCall(
      true,
      'store_unreachable',
      `${display} is not available (${status})`,
      `Try again later. ${LOGS}`,
    );
  if (status >= 400) return failedCall(false, 'internal', `${display} failed (${status})`, LOGS);
  return foreign(call, status);
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function foreign({ address }: BackupCall, status: number): TriggerOutcome {
  return failedCall(
    false,
    'usage',
    `${address.display} answered ${status}, but it is not backup-now`,
    'Check --url. Do not deploy: there may be no backup.',
  );
}

function failedCall(
  again: boolean,
  ...error: ConstructorParameters<typeof LifeboatError>
): TriggerOutcome {
  return {
    kind: 'failed',
    error: new LifeboatError(...error),
    again,
  };
}

/** A status of 200 proves nothing: a login page has it, too. */
function isBackup(value: Readonly<Record<string, unknown>>, database: string): boolean {
  return (
    value['ok'] === true &&
    value['database'] === database &&
    ['id', 'sha256', 'verdict', 'kind', 'expires'].every(
      (name) => typeof value[name] === 'string',
    ) &&
    ['checks', 'copies'].every((name) => Array.isArray(value[name])) &&
    asObject(value['pages']) !== undefined
  );
}

function functionError(status: number, error: Readonly<Record<string, unknown>>): TriggerOutcome {
  const { code, message, hint } = error;
  return failedCall(
    isUnavailable(status),
    isCode(code) ? code : 'internal',
    nonEmpty(message, `the function answered ${status}`),
    nonEmpty(hint, LOGS),
  );
}

function isUnavailable(status: number): boolean {
  return status === 502 || status === 503;
}

function nonEmpty(value: unknown, fallback: string): string {
  return typeof value === 'string' && value !== '' ? value.slice(0, 2000) : fallback;
}
