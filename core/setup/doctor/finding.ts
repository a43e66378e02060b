import { setTimeout as delay } from 'node:timers/promises';
import { LifeboatError, toLifeboatError, type Code } from '../../lib/errors.ts';

/** One line of the doctor. */
export type Finding = {
  readonly check:
    | 'configuration'
    | 'secrets'
    | 'encryption'
    | 'store'
    | 'source'
    | 'schedule'
    | 'mail'
    | 'clock'
    | 'machine';
  /** A database, a store, a job; empty when it is about all. */
  readonly about: string;
  readonly result: 'ok' | 'warning' | 'fault';
  /** What was found. */
  readonly detail: string;
  /** What to do; empty when all is well. */
  readonly hint: string;
  /** Of a fault. */
  readonly code?: Code;
};
type Check = Finding['check'];

/** One check, which may take `limitMs`; its signal ends what it started. */
export type Examination = {
  readonly check: Check;
  readonly about: string;
  readonly limitMs: number;
  readonly work: (signal: AbortSignal) => Promise<readonly Finding[]>;
};

export function ok(check: Check, about: string, detail: string): Finding {
  return {
    check,
    about,
    result: 'ok',
    detail,
    hint: '',
  };
}

export function warning(check: Check, about: string, detail: string, hint: string): Finding {
  return {
    check,
    about,
    result: 'warning',
    detail,
    hint,
  };
}

export function fault(
  check: Check,
  about: string,
  code: Code,
  detail: string,
  hint: string,
): Finding {
  return {
    check,
    about,
    result: 'fault',
    detail,
    hint,
    code,
  };
}

export function faultOf(check: Check, about: string, error: unknown): Finding {
  const { code, message, hint } = toLifeboatError(error);
  return fault(check, about, code, message, hint);
}

/** What a check finds. What it throws, and that it takes too long, is a finding of its own: no check hides another. Throws `interrupted` only. */
export async function examine(
  { check, about, limitMs, work }: Examination,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const stop = new AbortController();
  const done = new AbortController();
  const late = delay(limitMs, undefined, { signal: AbortSignal.any([done.signal, signal]) }).then(
    () => {
      stop.abort();
      return [
        fault(
          check,
          about,
          'deadline',
          `there was no answer within ${Math.round(limitMs / 1000)} s`,
          'See whether the other side is up, and whether this network reaches it.',
        ),
      ];
    },
  );
  late.catch(() => undefined);
  const working = work(AbortSignal.any([signal, stop.signal])).catch((error: unknown) => [
    faultOf(check, about, error),
  ]);
  try {
    return await Promise.race([working, late]);
  } catch (cause) {
    throw new LifeboatError('interrupted', 'interrupted', 'Run it again.', { cause });
  } finally {
    done.abort();
  }
}

/** The error to end with: that of the first fault. */
export function doctorError(findings: readonly Finding[]): LifeboatError | undefined {
  const faults = findings.filter(({ result }) => result === 'fault');
  const [first] = faults;
  if (!first) return undefined;
  const more = faults.length === 1 ? '' : `, and ${faults.length - 1} more`;
  return new LifeboatError(
    first.code ?? 'internal',
    `${first.about === '' ? '' : `${first.about}: `}${first.detail}${more}`,
    first.hint,
  );
}
