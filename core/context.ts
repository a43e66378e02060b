import type { PlaceLimits } from './space/place.ts';
import type { SpaceProbe } from './space/probe.ts';
import type { Log } from './lib/log/log.ts';
import type { Hide } from './lib/log/redaction.ts';
import type { Catalog, Copy } from './catalog/catalog.ts';
import type { Keys } from './format/keys.ts';
import type { DatabaseConfig } from './config/load.ts';
import type { Notifier } from './notify/notifier.ts';
import type { Publisher } from './messages/publisher.ts';
import type { Source } from './source/source.ts';
import type { Store } from './store/store.ts';
import type { Schedules } from './schedule/jobs.ts';

/** The ports and settings that operations work with. The App builds it; tests build their own. */
export type Context = {
  readonly store: Store;
  readonly catalog: Catalog;
  /** Further stores, to which backups of `store` are copied. */
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
  /** The Google Cloud project whose log has the events of runs; undefined on a host. */
  readonly project: string | undefined;
  /** Where people open the status page, for links in messages; undefined where nobody said. */
  readonly publicUrl: string | undefined;
  /** Undefined without a deployment on Google Cloud. */
  readonly schedules: Schedules | undefined;
  /** What the functions of the deployment can take; undefined where nobody said. */
  readonly places: PlaceLimits | undefined;
  readonly now: () => Date;
  readonly random: (bytes: number) => Buffer;
  /** The folder in which runs create their private temporary folders. */
  readonly temporary: string;
  readonly space: SpaceProbe;
  /** The environment for programs of the user, without the secrets of Lifeboat. */
  readonly commandEnv: Readonly<Record<string, string | undefined>>;
  /** `lifeboat 0.1.0`. */
  readonly tool: string;
  readonly log: Log;
  /** Hides known secrets in a text that a manifest will have. */
  readonly hide: Hide;
};
