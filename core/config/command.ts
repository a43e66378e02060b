import { z } from 'zod';
import { duration, text } from './values.ts';

/**
 * A program of the host with its arguments, or a line for the shell, and how long it may take.
 * `longest` and `fallback` are durations as lifeboat.yaml writes them.
 */
export function commandSetting({ longest, fallback }: { longest: string; fallback: string }) {
  return z
    .strictObject({
      run: z
        .array(text)
        .min(1, 'must have a program')
        .optional()
        .describe('The program and its arguments. No shell reads them.'),
      shell: text.optional().describe('A line for `/bin/sh`, instead of `run`.'),
      timeout: duration('1s', longest)
        .prefault(fallback)
        .describe('The time after which the program is ended.'),
    })
    .transform(({ run, shell, timeout }, context) => {
      if (run !== undefined && shell === undefined) return { run, timeoutMs: timeout };
      if (shell !== undefined && run === undefined) return { shell, timeoutMs: timeout };
      context.addIssue({ code: 'custom', message: 'must have either `run` or `shell`' });
      return z.NEVER;
    });
}
