import type { Catalog } from '../archive/catalog.ts';
import type { Keys } from '../archive/keys.ts';
import type { DatabaseConfig } from '../config/load.ts';
import type { Publisher } from '../publish/publisher.ts';
import type { Source } from '../source/source.ts';
import type { Copy } from './copies.ts';
import type { Store } from '../store/store.ts';

export type Log = (severity: 'INFO' | 'WARNING' | 'ERROR', message: string, fields?: Record<string, unknown>) => void;
export type Progress = (step: string, done: number, total: number) => void;

/** What every operation works with; the composition root makes it, tests make their own. */
export type Context = {
  readonly store: Store;
  readonly catalog: Catalog;
  /** Further stores that follow `store`. */
  readonly copies: readonly Copy[];
  readonly keys: Keys;
  readonly openSource: (database: DatabaseConfig) => Promise<Source>;
  readonly publisher: Publisher;
  readonly now: () => Date;
  readonly random: (bytes: number) => Buffer;
  /** The folder in which private temporary folders are made. */
  readonly temporary: string;
  readonly tool: string;
  readonly log: Log;
};
