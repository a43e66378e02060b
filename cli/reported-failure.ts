import { LifeboatError } from '../core/lib/errors.ts';
import type { Terminal } from './output.ts';

/** A failure with results of its own: `report` prints them, and then it is thrown. */
export class ReportedFailure extends LifeboatError {
  report(terminal: Terminal, document: object, text: string): void {
    const { code, message, hint } = this;
    if (terminal.json)
      terminal.out(
        `${JSON.stringify({ ok: false, ...document, error: { code, message, hint } })}\n`,
      );
    else if (!terminal.quiet) terminal.out(text);
  }
}
