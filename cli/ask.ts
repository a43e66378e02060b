import { createInterface } from 'node:readline/promises';

export type Ask = (question: string, suggestion: string) => Promise<string>;

/**
 * Asks on the terminal, one line each; an empty line takes the suggestion. Ctrl-C and the end of
 * the input reject with an AbortError, before anything was done with the answers.
 */
export async function withTerminal<T>(
  signal: AbortSignal,
  work: (ask: Ask) => Promise<T>,
): Promise<T> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const stop = new AbortController();
  // While lines are read, Ctrl-C comes here and not as a signal.
  lines.on('SIGINT', () => stop.abort());
  lines.on('close', () => stop.abort());
  const either = AbortSignal.any([signal, stop.signal]);
  try {
    return await work(async (question, suggestion) => {
      const shown = suggestion === '' ? '' : ` [${suggestion}]`;
      const line = await lines.question(`${question}${shown}: `, { signal: either });
      return line.trim() === '' ? suggestion : line.trim();
    });
  } finally {
    lines.close();
  }
}
