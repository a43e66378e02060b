import { LifeboatError } from '../core/lib/errors.ts';
import type { Terminal } from './output.ts';

/** A failure whose document carries more than an error does, and is printed before it is thrown. */
export class Told extends LifeboatError {
  tell(terminal: Terminal, document: object, text: string): void {
    const { code, message, hint } = this;
    if (terminal.json)
      terminal.out(
        `${JSON.stringify({ ok: false, ...document, error: { code, message, hint } })}\n`,
      );
    else terminal.out(text);
  }
}
