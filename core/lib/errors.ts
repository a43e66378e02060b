import { missingPackage } from './missing-package.ts';

// What each code means for a shell, for an HTTP caller, and for a retry of the whole run.
const CODES = {
  internal: { exit: 1, http: 500, retry: true },
  usage: { exit: 2, http: 400, retry: false },
  config_invalid: { exit: 2, http: 500, retry: false },
  source_unreachable: { exit: 3, http: 502, retry: true },
  source_busy: { exit: 3, http: 503, retry: true },
  source_invalid: { exit: 3, http: 422, retry: false },
  source_empty: { exit: 3, http: 422, retry: false },
  source_unhealthy: { exit: 3, http: 422, retry: false },
  source_suspicious: { exit: 3, http: 409, retry: false },
  hook_failed: { exit: 3, http: 500, retry: false },
  not_found: { exit: 4, http: 404, retry: false },
  backup_damaged: { exit: 5, http: 500, retry: false },
  backup_forged: { exit: 5, http: 500, retry: false },
  restore_test_failed: { exit: 5, http: 500, retry: false },
  store_unreachable: { exit: 6, http: 503, retry: true },
  store_denied: { exit: 6, http: 500, retry: false },
  insufficient_space: { exit: 7, http: 507, retry: false },
  deadline: { exit: 7, http: 504, retry: false },
  key_missing: { exit: 8, http: 500, retry: false },
  key_wrong: { exit: 8, http: 500, retry: false },
  stale: { exit: 9, http: 200, retry: false },
  notify_failed: { exit: 10, http: 502, retry: true },
  interrupted: { exit: 130, http: 503, retry: true },
} as const;

export type Code = keyof typeof CODES;
export type Facts = Record<
  string,
  string | number | boolean | readonly string[] | readonly number[]
>;

type ErrorOptions = {
  readonly cause?: unknown;
  readonly facts?: Facts;
  readonly transient?: boolean;
  readonly retryAfterMs?: number | undefined;
};

/**
 * A failure with a stable code. `message` is lower case without a full stop; `hint` is a sentence
 * that says what to do next.
 */
export class LifeboatError extends Error {
  override readonly name = 'LifeboatError';
  readonly code: Code;
  readonly hint: string;
  readonly facts: Facts;
  /**
   * Another attempt of the same call may succeed. Set where the failure happens, while `retry`
   * refers to the whole run.
   */
  readonly transient: boolean;
  /** How long the other side asked to wait before the next attempt, ms. */
  readonly retryAfterMs: number | undefined;

  constructor(code: Code, message: string, hint: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.hint = hint;
    this.facts = options.facts ?? {};
    this.transient = options.transient ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }

  get exit(): number {
    return CODES[this.code].exit;
  }

  get http(): number {
    return CODES[this.code].http;
  }

  get retry(): boolean {
    return CODES[this.code].retry;
  }
}

/** Whether a value from outside of the program is one of the codes. */
export function isCode(value: unknown): value is Code {
  return typeof value === 'string' && Object.hasOwn(CODES, value);
}

/** The code of an error of the system, such as `ENOENT`. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}

const MEMORY_CODES = new Set([
  'ENOMEM',
  'ERR_MEMORY_ALLOCATION_FAILED',
  'ERR_ZLIB_INITIALIZATION_FAILED',
  'ZSTD_error_memory_allocation',
]);

/** Whether the machine lacked memory, which says nothing about the data that was worked on. */
export function isOutOfMemory(error: unknown): boolean {
  if (MEMORY_CODES.has(systemCode(error) ?? '')) return true;
  // V8's own error has no code. Other RangeErrors are about the data, such as a frame that is
  // larger than it may be.
  return error instanceof RangeError && error.message === 'Array buffer allocation failed';
}

/** The error of work for which the machine lacked memory. */
export function outOfMemory(cause?: unknown): LifeboatError {
  return new LifeboatError(
    'insufficient_space',
    'out of memory',
    'Stop other programs, or give the machine, the container or the function more memory. Then run the command again.',
    { cause },
  );
}

/** The first such code in a chain of causes, where `fetch` puts it. */
export function causeCode(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const code = systemCode(at);
    if (code !== undefined) return code;
  }
  return undefined;
}

/** The error of work that a signal ended; `subject` names the work. */
export function interrupted(cause?: unknown, subject?: string): LifeboatError {
  return new LifeboatError(
    'interrupted',
    subject === undefined ? 'interrupted' : `${subject} was interrupted`,
    'Nothing incomplete was left behind. Run the command again.',
    { cause },
  );
}

/** Whether another attempt of the call that failed with this may succeed. */
export function isTransient(error: unknown): boolean {
  return error instanceof LifeboatError && error.transient;
}

/**
 * Any thrown value as a LifeboatError: such an error stays as it is, a full disk or a lack of memory
 * becomes `insufficient_space`, an abort `interrupted`, anything else `internal`.
 */
export function toLifeboatError(error: unknown): LifeboatError {
  if (error instanceof LifeboatError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const code = systemCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new LifeboatError(
      'insufficient_space',
      'the disk is full',
      'Free some space in the temporary folder and in the store, then run the command again.',
      { cause: error },
    );
  if (isOutOfMemory(error)) return outOfMemory(error);
  const missing = missingPackage(error);
  if (missing !== undefined)
    return new LifeboatError(
      'config_invalid',
      `this needs ${missing}, which the slim installation of Lifeboat leaves out`,
      `Install the package where Lifeboat is installed (with --global if Lifeboat is): \`npm install ${missing}\`.`,
      { cause: error },
    );
  if (code === 'ABORT_ERR' || (error instanceof Error && error.name === 'AbortError'))
    return interrupted(error);
  return new LifeboatError(
    'internal',
    text,
    'This is a bug in Lifeboat. Please report it with the log lines of this run.',
    { cause: error },
  );
}
