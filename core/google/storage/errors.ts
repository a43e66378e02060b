import { LifeboatError, toLifeboatError } from '../../lib/errors.ts';
import { faultOf, isConnection, type Fault } from './fault.ts';

const NO_CREDENTIALS =
  /could not load the default credentials|unable to detect a project id|could not refresh access token|metadata server/i;
const BAD_CREDENTIALS =
  /invalid_grant|invalid_rapt|invalid_client|does not exist, or it is not a file|reauth|no such file .*credential|is not a valid JSON|does not contain a|DECODER routines|service account key|private key/i;

/**
 * A failed call as the store's error. `missingBucket` distinguishes a missing bucket from a missing
 * object.
 */
export function gcsFailure(error: unknown, what: string, bucket: string): LifeboatError {
  if (error instanceof LifeboatError) return error;
  // A fault of this program is not the store's.
  if (error instanceof TypeError || error instanceof ReferenceError) return toLifeboatError(error);
  const fault = faultOf(error);
  const { status, code, message } = fault;
  const { identity, permission } = denial(message);
  const facts = {
    bucket,
    ...(status === undefined ? {} : { status }),
    ...(identity === undefined ? {} : { identity }),
    ...(permission === undefined ? {} : { permission }),
  };
  const fail = (
    kind: 'store_denied' | 'store_unreachable' | 'not_found',
    said: string,
    hint: string,
  ) => new LifeboatError(kind, said, hint, { cause: safeCause(fault), facts });
  if (NO_CREDENTIALS.test(message) && !isConnection(fault))
    return fail(
      'store_denied',
      `no Google credentials were found to reach gs://${bucket}`,
      'Run `gcloud auth application-default login`, or let GOOGLE_APPLICATION_CREDENTIALS name the key file of a service account.',
    );
  if (BAD_CREDENTIALS.test(message) || (code === 'ENOENT' && status === undefined))
    return fail(
      'store_denied',
      `the Google credentials cannot be used (${message})`,
      'Log in again with `gcloud auth application-default login`, or check the file that GOOGLE_APPLICATION_CREDENTIALS names.',
    );
  if (status === 401)
    return fail(
      'store_denied',
      `Google does not accept the credentials for gs://${bucket}`,
      'Log in again with `gcloud auth application-default login`, or renew the key of the service account.',
    );
  if (status === 403 && permission !== undefined)
    return fail(
      'store_denied',
      `${identity ?? 'this identity'} lacks ${permission} for ${what} in gs://${bucket}`,
      `Grant ${identity ?? 'it'} a role with ${permission} on the bucket; docs/operations.md lists what each identity needs.`,
    );
  if (status === 403)
    return fail(
      'store_denied',
      `gs://${bucket} refuses ${what} (${message})`,
      'Look at the permissions, holds and billing of the bucket.',
    );
  if (status === 404)
    return fail(
      'not_found',
      `no object ${what}`,
      'Run `lifeboat verify` to see what else is missing.',
    );
  if (
    isConnection(fault) &&
    /^(ENOTFOUND|EAI_|ENETUNREACH|EHOSTUNREACH|ENETDOWN|ECONNREFUSED)/i.test(code ?? '')
  )
    return fail(
      'store_unreachable',
      `gs://${bucket} cannot be reached (${code})`,
      'Check the network, the name service and the firewall of this machine, then run it again.',
    );
  return fail(
    'store_unreachable',
    `gs://${bucket} failed at ${what} (${status === undefined ? (code ?? message) : `${status}: ${message}`})`,
    'Run it again; https://status.cloud.google.com tells whether Google has a fault.',
  );
}

/** The bucket that was probably meant, of those that this identity may see. */
export function likelyBucket(wrong: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map((name) => ({ name, far: distance(wrong, name) }))
    .sort((a, b) => a.far - b.far);
  return best && best.far <= Math.max(2, Math.floor(wrong.length / 5)) ? best.name : undefined;
}

export function missingBucket(bucket: string, likely: string | undefined): LifeboatError {
  return new LifeboatError(
    'store_unreachable',
    `there is no bucket gs://${bucket}`,
    likely === undefined
      ? 'Check its name in lifeboat.yaml or --store, and that it was not deleted; Terraform or `gcloud storage buckets create` makes it.'
      : `Did you mean gs://${likely}?`,
    { facts: { bucket, ...(likely === undefined ? {} : { likely }) } },
  );
}

/** A 404 to a request about the bucket itself that does not say that the bucket is missing. */
export function bucketNotFound(bucket: string, what: string, cause: unknown): LifeboatError {
  const text = cause instanceof Error ? `: ${cause.message}` : '';
  return new LifeboatError(
    'store_unreachable',
    `gs://${bucket} answered 404 to the request for ${what}${text}`,
    'Check that the bucket exists and that no proxy answers in its place, then run it again.',
    { cause, facts: { bucket, status: 404 } },
  );
}

// "backup@p.iam.gserviceaccount.com does not have storage.objects.create access to the Google Cloud
// Storage object. Permission '…' denied on …"
function denial(message: string): { identity?: string; permission?: string } {
  const identity = /^(\S+@\S+|Anonymous caller|Caller) does not have /i.exec(message)?.[1];
  const permission = /\b(storage\.[a-z]+\.[A-Za-z]+)\b/.exec(message)?.[1];
  return {
    ...(identity === undefined ? {} : { identity }),
    ...(permission === undefined ? {} : { permission }),
  };
}

function safeCause(fault: Fault): Error {
  const cause = new Error(fault.message);
  cause.name = ['Google', fault.status, fault.code].filter((part) => part !== undefined).join(' ');
  return cause;
}

/** How many letters differ, at least, between two words. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1)
      next.push(
        Math.min(
          (row[j] ?? 0) + 1,
          (next[j - 1] ?? 0) + 1,
          (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
        ),
      );
    row = next;
  }
  return row.at(-1) ?? 0;
}
