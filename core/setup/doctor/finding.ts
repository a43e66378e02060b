import type { DoctorCheck, Finding } from '../../documents/finding.ts';
import { timeout } from '../../lib/async.ts';
import { LifeboatError, type Code } from '../../lib/errors.ts';
import { ENGLISH, formatTook } from '../../lib/text/format.ts';
import { errorFinding, faultsError } from '../../watch/finding.ts';

/** What the doctor found about one thing. `about` is a database, a store, a job or a variable. */
export type DoctorFinding = Finding<DoctorCheck>;
type Subject = Pick<DoctorFinding, 'check' | 'about'>;
type Problem = Pick<DoctorFinding, 'detail' | 'hint'>;

/** One check, which may take `limitMs`; its signal ends what it started. */
export type DoctorExamination = Subject & {
  readonly limitMs: number;
  readonly work: (signal: AbortSignal) => Promise<readonly DoctorFinding[]>;
};

export function ok(check: DoctorCheck, about: string, detail: string): DoctorFinding {
  return { check, about, level: 'ok', detail, hint: '' };
}

export function warning(check: DoctorCheck, about: string, problem: Problem): DoctorFinding {
  return { check, about, level: 'warning', ...problem };
}

export function fault(
  check: DoctorCheck,
  about: string,
  problem: Problem & { readonly code: Code },
): DoctorFinding {
  return { check, about, level: 'fault', ...problem };
}

export function faultOf(check: DoctorCheck, about: string, error: unknown): DoctorFinding {
  return errorFinding(check, error, about);
}

/** A finding of the watch as one of the doctor. */
export function under(subject: Subject, { level, detail, hint, code }: Finding): DoctorFinding {
  if (level !== 'fault') return { ...subject, level, detail, hint };
  return { ...subject, level, detail, hint, code: code ?? 'config_invalid' };
}

/**
 * The findings of a check. An error or a timeout becomes a finding, so that no check hides another.
 * Throws only `interrupted`.
 */
export async function runExamination(
  { check, about, limitMs, work }: DoctorExamination,
  signal: AbortSignal,
): Promise<readonly DoctorFinding[]> {
  const error = (): LifeboatError =>
    new LifeboatError(
      'deadline',
      `no answer within ${formatTook(ENGLISH, limitMs)}`,
      'Check that the other side is up and that this network reaches it.',
    );
  const examined = timeout(
    (ending) => work(ending).catch((cause: unknown) => [faultOf(check, about, cause)]),
    { ms: limitMs, error, signal },
  );
  return examined.catch((cause: unknown) => {
    if (signal.aborted) throw cause;
    return [faultOf(check, about, cause)];
  });
}

/** The error of a doctor that found faults: code and hint of the first. */
export function doctorError(findings: readonly DoctorFinding[]): LifeboatError | undefined {
  return faultsError(findings, ({ about }) => about);
}
