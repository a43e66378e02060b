import type { App } from '../core/app/app.ts';
import type { Log } from '../core/lib/log.ts';

/** What every function is given. */
export type Door = {
  /** The app; made at the first request, and again when that failed. */
  readonly open: () => Promise<App>;
  readonly log: Log;
  /** How long a run may take, ms, before the platform would end it. */
  readonly deadlineMs: number | undefined;
};
