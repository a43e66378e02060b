import type { LifeboatError } from '../core/lib/errors.ts';

/** Where a command writes: results to `out`, everything else to `err`. */
export type Terminal = {
  out(text: string): void;
  err(text: string): void;
  readonly json: boolean;
  readonly quiet: boolean;
  /** Whether `err` may be coloured. */
  readonly colours: boolean;
  readonly outColours: boolean;
  /** The width of `out`; Infinity when it is no terminal. */
  readonly columns: number;
  /** Prints a remark beside the result, for a person at a terminal only. */
  remark(text: string): void;
};

/** One JSON document, or the text for a person. */
export function printResult(terminal: Terminal, document: object, text: string): void {
  if (terminal.json) terminal.out(`${JSON.stringify({ ok: true, ...document })}\n`);
  else if (!terminal.quiet) terminal.out(text);
}

export function printFailure(terminal: Terminal, error: LifeboatError): void {
  const { code, message, hint } = error;
  if (terminal.json)
    terminal.out(`${JSON.stringify({ ok: false, error: { code, message, hint } })}\n`);
  else
    terminal.err(
      `${terminal.colours ? '\u001B[31merror:\u001B[0m' : 'error:'} ${message}\nhint: ${hint}\n`,
    );
}
