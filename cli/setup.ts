import type { App } from '../core/app/app.ts';
import type { Notify } from '../core/app/context.ts';

export type Globals = { config?: string; store?: string; json: boolean; quiet: boolean };
export type Streams = {
  out(text: string): void;
  err(text: string): void;
  /** For the progress bar, which moves the cursor. */
  progress(text: string): void;
  readonly terminal: boolean;
  readonly columns: number;
  /** The width of `out`, where it is a terminal. */
  readonly outColumns?: number | undefined;
};
export type Setup = {
  readonly streams: Streams;
  readonly version: string;
  readonly colours: boolean;
  readonly outColours: boolean;
  readonly signal: AbortSignal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Hides known secrets in the texts of errors. */
  readonly hide: (text: string) => string;
  readonly open: (globals: Globals, more: { readonly notify: Notify }) => Promise<App>;
};
