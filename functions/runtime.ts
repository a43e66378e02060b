import type { App } from '../core/app/app.ts';
import type { PageBackups } from './status/page-backups.ts';
import type { Log } from '../core/lib/log/log.ts';

/** What every function gets. */
export type Runtime = {
  /** The app with the configuration as it was when the request first asked. */
  readonly open: () => Promise<App>;
  readonly log: Log;
  /** How long a run may take, ms, so that it ends itself before the platform ends it. */
  readonly deadlineMs: number | undefined;
  /** Aborts when this process stops, so that its runs end as `interrupted`. */
  readonly signal: AbortSignal;
  /** The service account as which Cloud Scheduler calls `backup-now`; undefined on a host. */
  readonly scheduler?: string | undefined;
  /** Backups that the status page starts; undefined in the cloud, where it may only read. */
  readonly pageBackups?: PageBackups | undefined;
};
