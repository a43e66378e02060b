/**
 * Where a database is pulled from: the port and, beside it, an adapter for each kind of address.
 * Promises a consistent copy and an untouched source. Adapters import `google`, `config`, `sqlite`
 * and `lib`.
 */
import type { Snapshot, SnapshotOptions } from '../sqlite/types.ts';

export type PullOptions = SnapshotOptions & {
  /**
   * The version of the newest backup. A source that still has this version need not send the
   * database again.
   */
  readonly known?: string | undefined;
};

/** A snapshot, with the source's version of the file (an ETag, generations) where it has one. */
export type Pulled = Snapshot & { readonly version?: string };

/**
 * Where a database is pulled from. Failures are LifeboatErrors: `source_unreachable` (a retry may
 * help), `source_busy`, `source_invalid`, `source_empty`, `insufficient_space`, `interrupted`, and
 * `config_invalid` for problems that only the configuration can fix.
 */
export interface Source {
  /** The address as a person writes it, without secrets; manifests contain it. */
  readonly url: string;
  /** Bytes that a pull will need in the temporary folder; `undefined` when that is unknown. */
  measure(signal?: AbortSignal): Promise<number | undefined>;
  /**
   * Copies the database, consistent at one moment, into the private folder. Leaves nothing behind
   * at the source, however it ends. `unchanged`: the source still has the version `known`, and
   * nothing was copied.
   */
  pull(options: PullOptions): Promise<Pulled | 'unchanged'>;
}
