import type { SpaceProbe } from './space/probe.ts';
import type { Log } from './lib/log.ts';
import type { Catalog, Copy } from './catalog/catalog.ts';
import type { Keys } from './format/keys.ts';
import type { DatabaseConfig } from './config/load.ts';
import type { Notifier } from './notify/notifier.ts';
import type { Publisher } from './messages/publisher.ts';
import type { Source } from './source/source.ts';
import type { Store } from './store/store.ts';
import type { Schedules } from './schedule/jobs.ts';

/** What every operation works with; the composition root makes it, tests make their own. */
export type Context = {
  readonly store: Store;
  readonly catalog: Catalog;
  /** Further stores that follow `store`. */
  readonly copies: readonly Copy[];
  readonly keys: Keys;
  readonly openSource: (database: DatabaseConfig) => Promise<Source>;
  readonly publisher: Publisher;
  /** After how long an unresolved problem is sent again, ms. */
  readonly repeatMs: number;
  /** The names of the databases that the configuration has. */
  readonly configured: readonly string[];
  /** Undefined: nothing is sent, whatever the configuration says. */
  readonly notifier: Notifier | undefined;
  /** The Google Cloud project whose log has the runs; undefined on a host. */
  readonly project: string | undefined;
  /** Undefined where no deployment on Google Cloud is named. */
  readonly schedules: Schedules | undefined;
  readonly now: () => Date;
  readonly random: (bytes: number) => Buffer;
  /** The folder in which private temporary folders are made. */
  readonly temporary: string;
  readonly space: SpaceProbe;
  readonly tool: string;
  readonly log: Log;
};
