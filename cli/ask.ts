import { createInterface } from 'node:readline/promises';

export type Ask = (question: string, suggestion: string) => Promise<string>;

/**
 * Asks questions on the terminal, one line each; an empty line takes the suggestion. Ctrl-C and the
 * end of the input reject with an AbortError before `work` has used any answer.
 */
export async function withTerminal<T>(
  signal: AbortSignal,
  work: (ask: Ask) => Promise<T>,
): Promise<T> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const end = new AbortController();
  // While readline has the terminal, it gets Ctrl-C, and the process no signal.
  lines.on('SIGINT', () => end.abort());
  lines.on('close', () => end.abort());
  const either = AbortSignal.any([signal, end.signal]);
  try {
    return await work(async (question, suggestion) => {
      const proposal = suggestion === '' ? '' : ` [${suggestion}]`;
      const line = await lines.question(`${question}${proposal}: `, { signal: either });
      return line.trim() === '' ? suggestion : line.trim();
    });
  } finally {
    lines.close();
  }
}
