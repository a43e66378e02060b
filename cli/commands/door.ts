import type { App } from '../../core/app-types.ts';
import type { Terminal } from '../output.ts';

export const NOTIFY = ['--notify', 'tell the channels of the configuration what fails, and when it works again', false] as const;

/** What every command is given. */
export type Door = {
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** With `notify` the channels of the configuration are told. */
  readonly open: (more?: { readonly notify: boolean }) => Promise<App>;
  readonly watching: { signal: AbortSignal; onProgress?: (step: string, done: number, total: number) => void };
  /** Takes the progress bar away. */
  readonly clear: () => void;
};
