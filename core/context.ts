import type { Catalog } from './catalog/catalog.ts';
import type { Keys } from './format/keys.ts';
import type { Config, DatabaseConfig } from './config/load.ts';
import type { Logged } from './lib/log-events.ts';
import type { Notifier } from './notify/notifier.ts';
import type { Schedules } from './watch/schedules.ts';
import type { Publisher } from './messages/publisher.ts';
import type { Source } from './source/source.ts';
import type { Copy } from './upkeep/copies.ts';
import type { Store } from './store/store.ts';

export type Log = (severity: 'INFO' | 'WARNING' | 'ERROR', message: string, logged: Logged) => void;
export type Progress = (step: string, done: number, total: number) => void;

/** What a machine has. Bytes. */
export type SpaceProbe = {
  /** Memory for everything this process and its children do; `undefined` when nothing is known. */
  memory(): number | undefined;
  /** Whether temporary files are in that memory, as in a cloud function. */
  readonly filesInMemory: boolean;
  /** Free in the file system of a folder, for this user; `undefined` when that cannot be known. */
  free(path: string): Promise<number | undefined>;
  /** Likewise, and its size. The folder need not exist yet. */
  volume(path: string): Promise<{ free: number; total: number } | undefined>;
  /** What a store that is a folder should have left. */
  readonly reserve: Config['space']['reserve'];
};

/** What every operation works with; the composition root makes it, tests make their own. */
export type Context = {
  readonly store: Store;
  readonly catalog: Catalog;
  /** Further stores that follow `store`. */
  readonly copies: readonly Copy[];
  readonly keys: Keys;
  readonly openSource: (database: DatabaseConfig) => Promise<Source>;
  readonly publisher: Publisher;
  /** After how long trouble that lasts is told again. */
  readonly repeatMs: number;
  /** The names of the databases that the configuration has. */
  readonly configured: readonly string[];
  /** Undefined: nobody is told, whatever the configuration names. */
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
