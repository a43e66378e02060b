import type { App } from '../../core/app-types.ts';
import type { Terminal } from '../output.ts';

/** What every command is given. */
export type Door = {
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly open: () => Promise<App>;
  readonly watching: { signal: AbortSignal; onProgress?: (step: string, done: number, total: number) => void };
  /** Takes the progress bar away. */
  readonly clear: () => void;
};
