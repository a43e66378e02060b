import { isCode, LifeboatError } from '../lib/errors.ts';
import type { Address } from './address.ts';
import { describeToken } from './token.ts';
import type { BackupResult } from '../documents/backup.ts';

/** What came of asking once. `again`: asking again, with the same key, can help. */
export type Outcome =
  | { readonly kind: 'done'; readonly document: BackupResult }
  | { readonly kind: 'failed'; readonly error: LifeboatError; readonly again: boolean };

export type Asked = {
  readonly address: Address;
  readonly database: string;
  readonly token: string | undefined;
};

const LOGS = 'The log of the function says more (Cloud Console, or `gcloud functions logs read`).';

/** The last line, or the whole body. `status` is that of the line where it has one. */
export function judgeDocument(asked: Asked, status: number, value: unknown): Outcome {
  const document = record(value);
  if (!document) return strange(asked, status);
  const error = record(document['error']) ?? document;
  const own = typeof document['status'] === 'number' ? document['status'] : status;
  if (status < 300 && isMade(document, asked.database)) {
    const { ok: _, ...made } = document;
    return { kind: 'done', document: made as BackupResult };
  }
  if (typeof error['code'] === 'string' && document['ok'] !== true) return refusal(own, error);
  return strange(asked, status);
}

/**
 * An answer that is not of Lifeboat: of Cloud Run before the function, of a proxy, or of a wrong
 * address.
 */
export function judgeStatus(asked: Asked, status: number, location: string | null): Outcome {
  const { address, token } = asked;
  const { shown } = address;
  if (status === 401 || status === 403)
    return failed(
      false,
      'store_denied',
      `${shown} refuses the caller (${status})`,
      `Give the caller roles/run.invoker on the service (\`deployers\` in Terraform). Sent was ${describeToken(token, address.audience)}`,
    );
  if (status === 404 || status === 405)
    return failed(
      false,
      'usage',
      `there is no backup-now at ${shown} (${status})`,
      'Check --url, region and project; a service whose ingress is internal answers so as well when it is called from outside.',
    );
  if (status >= 300 && status < 400)
    return failed(
      false,
      'usage',
      `${shown} redirects${location === null ? '' : ` to ${location.replace(/[?#].*$/, '').slice(0, 200)}`}, which is not followed`,
      'Give the address of the function itself: a token is sent nowhere else.',
    );
  if (status === 504)
    return failed(
      false,
      'deadline',
      'the platform ended the function before it was done (504)',
      `Give it a longer time-out. ${LOGS}`,
    );
  if (isPassing(status) || status === 408 || status === 429)
    return failed(
      true,
      'store_unreachable',
      `${shown} cannot answer now (${status})`,
      `Run it again in a while. ${LOGS}`,
    );
  if (status >= 400) return failed(false, 'internal', `${shown} failed (${status})`, LOGS);
  return strange(asked, status);
}

function record(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function strange({ address }: Asked, status: number): Outcome {
  return failed(
    false,
    'usage',
    `${address.shown} answered ${status}, but not as backup-now does`,
    'Check --url: something else answers there. Do not deploy: no backup is known to exist.',
  );
}

function failed(again: boolean, ...error: ConstructorParameters<typeof LifeboatError>): Outcome {
  return {
    kind: 'failed',
    error: new LifeboatError(...error),
    again,
  };
}

/** A 200 proves nothing by itself: a page for logging in has it, too. */
function isMade(value: Readonly<Record<string, unknown>>, database: string): boolean {
  return (
    value['ok'] === true &&
    value['database'] === database &&
    ['id', 'sha256', 'verdict', 'kind', 'expires'].every(
      (name) => typeof value[name] === 'string',
    ) &&
    ['checks', 'copies'].every((name) => Array.isArray(value[name])) &&
    record(value['pages']) !== undefined
  );
}

function refusal(status: number, error: Readonly<Record<string, unknown>>): Outcome {
  const { code, message, hint } = error;
  return failed(
    isPassing(status),
    isCode(code) ? code : 'internal',
    text(message, `the function answered ${status}`),
    text(hint, LOGS),
  );
}

function isPassing(status: number): boolean {
  return status === 502 || status === 503;
}

function text(value: unknown, fallback: string): string {
  return typeof value === 'string' && value !== '' ? value.slice(0, 2000) : fallback;
}
