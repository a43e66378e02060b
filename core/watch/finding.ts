import type { Finding } from '../documents/finding.ts';
import { LifeboatError, toLifeboatError, type Code } from '../lib/errors.ts';

export function okFinding<Check extends string>(
  check: Check,
  detail: string,
  about = '',
): Finding<Check> {
  return { check, about, level: 'ok', detail, hint: '' };
}

/** An error as a finding: a check that cannot run leaves the state unknown, which is a fault. */
export function errorFinding<Check extends string>(
  check: Check,
  error: unknown,
  about?: string,
): Finding<Check> {
  const { code, message, hint } = toLifeboatError(error);
  return { check, about: about ?? code, level: 'fault', detail: message, hint, code };
}

/**
 * The error with which a command ends that found faults; undefined when there are none. `subjectOf`
 * is the name that the message gives the first fault; the code and the hint are those of that
 * fault.
 */
export function faultsError(
  findings: readonly Finding[],
  subjectOf: (finding: Finding) => string,
  code?: Code,
): LifeboatError | undefined {
  const faults = findings.filter(({ level }) => level === 'fault');
  const [first] = faults;
  if (!first) return undefined;
  const warnings = findings.filter(({ level }) => level === 'warning').length;
  const counts = [
    counted(faults.length, 'problem'),
    ...(warnings > 0 ? [counted(warnings, 'warning')] : []),
  ];
  const subject = subjectOf(first);
  const text = `${subject === '' ? '' : `${subject}: `}${first.detail}`;
  return new LifeboatError(
    code ?? first.code ?? 'internal',
    faults.length + warnings === 1 ? text : `${counts.join(' and ')}. First: ${text}`,
    first.hint,
  );
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
