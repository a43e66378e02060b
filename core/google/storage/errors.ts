import { LifeboatError, toLifeboatError, type Code, type Facts } from '../../lib/errors.ts';
import { missingPackage } from '../../lib/missing-package.ts';
import { callFaultOf, isConnection, isTemporary, type CallFault } from './fault.ts';

type StoreProblem = { readonly code: Code; readonly message: string; readonly hint: string };

const NO_CREDENTIALS =
  /could not load the default credentials|unable to detect a project id|could not refresh access token|metadata server/i;
const NO_ROUTE = /^(ENOTFOUND|EAI_|ENETUNREACH|EHOSTUNREACH|ENETDOWN|ECONNREFUSED)/i;
const BAD_CREDENTIALS =
  /invalid_grant|invalid_rapt|invalid_client|does not exist, or it is not a file|reauth|no such file .*credential|is not a valid JSON|does not contain a|DECODER routines|service account key|private key/i;

/**
 * Translates what a call threw. `subject` names what the call was about: an object, a list. The
 * error is transient when another attempt may succeed; `facts.status` has the HTTP status.
 */
export function gcsFailure(error: unknown, subject: string, bucket: string): LifeboatError {
  if (error instanceof LifeboatError) return error;
  // These are bugs of this program, not failures of the store.
  if (error instanceof TypeError || error instanceof ReferenceError) return toLifeboatError(error);
  if (missingPackage(error) !== undefined) return toLifeboatError(error);
  const fault = callFaultOf(error);
  if (fault.status === 404 && /bucket does not exist/i.test(fault.message))
    return missingBucket(bucket, undefined);
  const { code, message, hint } =
    unsupported(fault, bucket) ??
    credentialProblem(fault, bucket) ??
    refusedCall(fault, subject, bucket) ??
    networkProblem(fault, subject, bucket);
  const { identity, permission } = denial(fault.message);
  return new LifeboatError(code, message, hint, {
    cause: safeCause(fault),
    facts: definedFacts({ bucket, status: fault.status, identity, permission }),
    transient: isTemporary(fault),
  });
}

/** The HTTP status in a translated error. */
export function httpStatusOf(error: unknown): unknown {
  return error instanceof LifeboatError ? error.facts['status'] : undefined;
}

/** The bucket that was probably meant, among those that this identity may see. */
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
      ? 'Check the name of the bucket in lifeboat.yaml or --store, and that nobody deleted it. Create it with Terraform or `gcloud storage buckets create`.'
      : `Did you mean gs://${likely}?`,
    { facts: definedFacts({ bucket, missing: 'bucket', likely }) },
  );
}

export function isMissingBucket(error: LifeboatError): boolean {
  return error.facts['missing'] === 'bucket';
}

function credentialProblem(fault: CallFault, bucket: string): StoreProblem | undefined {
  const { status, code, message } = fault;
  if (NO_CREDENTIALS.test(message) && !isConnection(fault))
    return {
      code: 'store_denied',
      message: `no Google credentials were found to reach gs://${bucket}`,
      hint: 'Run `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS to the key file of a service account.',
    };
  if (BAD_CREDENTIALS.test(message) || (code === 'ENOENT' && status === undefined))
    return {
      code: 'store_denied',
      message: `the Google credentials cannot be used (${message})`,
      hint: 'Log in again with `gcloud auth application-default login`, or check the file that GOOGLE_APPLICATION_CREDENTIALS names.',
    };
  if (status === 401)
    return {
      code: 'store_denied',
      message: `Google does not accept the credentials for gs://${bucket}`,
      hint: 'Log in again with `gcloud auth application-default login`, or renew the key of the service account. Keys of another universe than googleapis.com are not supported.',
    };
  return undefined;
}

/** What Lifeboat does not support, so that nobody looks for a missing permission. */
function unsupported({ status, message }: CallFault, bucket: string): StoreProblem | undefined {
  if (status === 400 && /requester pays/i.test(message))
    return {
      code: 'config_invalid',
      message: `gs://${bucket} makes its requesters pay, which Lifeboat does not support`,
      hint: `Turn it off (gcloud storage buckets update gs://${bucket} --no-requester-pays), or use another bucket.`,
    };
  if (status === undefined && /universe domain/i.test(message))
    return {
      code: 'config_invalid',
      message: `the Google credentials are of another universe than googleapis.com, which Lifeboat does not support (${message})`,
      hint: 'Use credentials of the public Google Cloud.',
    };
  return undefined;
}

/** Google answered, and there is nothing to retry: no permission, no such object or bucket. */
function refusedCall(
  { status, message }: CallFault,
  subject: string,
  bucket: string,
): StoreProblem | undefined {
  const { identity = 'this identity', permission } = denial(message);
  if (status === 403 && permission !== undefined)
    return {
      code: 'store_denied',
      message: `${identity} lacks ${permission} for ${subject} in gs://${bucket}`,
      hint: `Grant ${identity} a role with ${permission} on the bucket; docs/permissions.md lists what each identity needs.`,
    };
  if (status === 403)
    return {
      code: 'store_denied',
      message: `gs://${bucket} refuses ${subject} (${message})`,
      hint: 'Check the permissions, holds and billing of the bucket.',
    };
  if (status === 404)
    return {
      code: 'not_found',
      message: `there is no object ${subject} in gs://${bucket}`,
      hint: 'Run `lifeboat verify` to see what else is missing.',
    };
  return undefined;
}

function networkProblem(fault: CallFault, subject: string, bucket: string): StoreProblem {
  const { status, code, message } = fault;
  if (isConnection(fault) && NO_ROUTE.test(code ?? ''))
    return {
      code: 'store_unreachable',
      message: `gs://${bucket} cannot be reached (${code})`,
      hint: 'Check the network, the DNS and the firewall of this machine, then run the command again.',
    };
  const reason = status === undefined ? (code ?? message) : `${status}: ${message}`;
  return {
    code: 'store_unreachable',
    message: `gs://${bucket} failed at ${subject} (${reason})`,
    hint: 'Run the command again. https://status.cloud.google.com shows whether Google has an outage.',
  };
}

/** A 404 to a request about the bucket itself that does not say that the bucket is missing. */
export function bucketNotFound(bucket: string, what: string, cause: unknown): LifeboatError {
  const text = cause instanceof Error ? `: ${cause.message}` : '';
  return new LifeboatError(
    'store_unreachable',
    `gs://${bucket} answered 404 to the request for ${what}${text}`,
    'Check that the bucket exists and that no proxy answers in its place, then run the command again.',
    { cause, facts: { bucket, status: 404 } },
  );
}

// "backup@p.iam.gserviceaccount.com does not have storage.objects.create access to the Google Cloud
// Storage object. Permission '…' denied on …"
function denial(message: string): { identity: string | undefined; permission: string | undefined } {
  return {
    identity: /^(\S+@\S+|Anonymous caller|Caller) does not have /i.exec(message)?.[1],
    permission: /\b(storage\.[a-z]+\.[A-Za-z]+)\b/.exec(message)?.[1],
  };
}

/** Facts are logged as they are, so those without a value are left out. */
function definedFacts(facts: Readonly<Record<string, string | number | undefined>>): Facts {
  const entries = Object.entries(facts).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Facts;
}

function safeCause(fault: CallFault): Error {
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
