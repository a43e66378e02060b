import { LifeboatError, type Code } from '../errors.ts';

/** The most bytes that may be written, and the error for more. Plain data, for child processes. */
export type SizeLimit = {
  readonly bytes: number;
  readonly code: Code;
  readonly message: string;
  readonly hint: string;
};

/** Throws the error of the limit, if there is one, when `bytes` are more. */
export function refuseOver(limit: SizeLimit | undefined, bytes: number): void {
  if (limit && bytes > limit.bytes)
    throw new LifeboatError(limit.code, limit.message, limit.hint, {
      facts: { limit: limit.bytes },
    });
}
