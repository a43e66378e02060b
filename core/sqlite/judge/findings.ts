import type { Check } from '../types.ts';

// Patterns are anchored at SQLite's own words: names from a database come later in its messages, and
// an index called `no such function` must not turn damage into something else.

/** What an engine says that lacks the application's functions, collations or modules. */
const LACKING =
  /^(no such (collation sequence|function|module|tokenizer): |unknown (collation|function|tokenizer|database type)\b|unsafe use of |unable to validate the inverted index for |non-deterministic use of )/i;
/** What an engine says that ran out of memory, of space for temporary files or of time. */
const EXHAUSTED =
  /^(out of memory|string or blob too big|interrupted|database or disk is full|memory access out of bounds|aborted\(.*)$/i;
const ABOUT_DATA = /^(NULL value in |CHECK constraint failed in |non-\w+ value in |\w+ value in )/i;
const CORRUPTION =
  /^(database disk image is malformed|malformed database schema|file is not a database)/i;

const LONGEST_DETAIL = 200;

/** Whether the message says something about the engine or the machine, and nothing about the file. */
export function cannotJudge(message: string): boolean {
  return LACKING.test(message) || EXHAUSTED.test(message);
}

/** Whether the message says that the file is damaged. */
export function isCorruption(message: string): boolean {
  return CORRUPTION.test(message);
}

export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Names in a database have no length limit; a log line has one. */
export function shorten(detail: string): string {
  return detail.slice(0, LONGEST_DETAIL);
}

/**
 * Rows of `integrity_check`, or its exception, as one check: facts about data are warnings, the
 * rest is damage.
 */
export function classify(rows: readonly string[], engine: NonNullable<Check['engine']>): Check {
  const findings = rows.filter((row) => row !== 'ok');
  const name = 'integrity';
  if (findings.length === 0) return { name, result: 'ok', engine };
  const damage = findings.filter((row) => !cannotJudge(row) && !ABOUT_DATA.test(row));
  const unknown = findings.filter(cannotJudge);
  const [worst, result] =
    damage.length > 0
      ? [damage, 'failed' as const]
      : unknown.length > 0
        ? [unknown, 'inconclusive' as const]
        : [findings, 'warning' as const];
  const count = `${worst.length} finding${worst.length === 1 ? '' : 's'}`;
  return { name, result, engine, detail: `${count}, the first: ${shorten(worst[0] ?? '')}` };
}
