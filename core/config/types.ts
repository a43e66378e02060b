import type { z } from 'zod';
import type { database, retention } from './database.ts';
import type { configSchema } from './schema.ts';
import type { SourceAddress } from './source-address.ts';

// The configuration in the units of the code: durations in ms, sizes in bytes, shares from 0.01 to 1.
// `load` adds what depends on the folder of the file and on other keys.

export type DatabaseConfig = Immutable<
  Omit<z.output<typeof database>, 'ssh' | 'https' | 'schedule' | 'timeZone'> & {
    name: string;
    /** Whether it is in lifeboat.yaml; false for a database that was named by its path. */
    configured: boolean;
    /**
     * The absolute path of a file, or the address without its query: for people, logs and
     * manifests.
     */
    source: string;
    /** The parsed source, from which the database is pulled. */
    origin: SourceAddress;
    schedule: string | undefined;
    timeZone: string;
  }
>;

export type Config = Immutable<
  Omit<z.output<typeof configSchema>, 'databases' | 'restoreTest' | 'watch'> & {
    /** The absolute path of a folder, or `gs://bucket[/prefix]`; `parseStoreAddress` parses it. */
    store: string;
    /** Further stores in the same form, none of them the store. */
    copies: string[];
    /** By name. Has no other property, so any text can be looked up. */
    databases: Record<string, DatabaseConfig>;
    restoreTest: Zoned<'restoreTest'>;
    watch: Zoned<'watch'>;
  }
>;

/** How many periods of each kind a backup in that slot is kept. */
export type Retention = Immutable<z.output<typeof retention>>;

/** With the time zone at the top of the file as the default. */
type Zoned<Key extends 'restoreTest' | 'watch'> = Omit<
  z.output<typeof configSchema>[Key],
  'timeZone'
> & { timeZone: string };

type Immutable<T> = T extends object ? { readonly [Key in keyof T]: Immutable<T[Key]> } : T;
