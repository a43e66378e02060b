import type { Snapshot, SnapshotOptions } from '../sqlite/types.ts';

export type PullOptions = SnapshotOptions & {
  /**
   * What the source called the state that the newest backup shows; a source that still calls it
   * that need not send it again.
   */
  readonly known?: string;
};

/**
 * A snapshot, and what the source calls this state of the file (an ETag, a generation) where it has
 * such a name.
 */
export type Pulled = Snapshot & { readonly version?: string };

/**
 * Where a database is pulled from. Failures are LifeboatErrors: `source_unreachable` (a retry may
 * help), `source_busy`, `source_invalid`, `source_empty`, `insufficient_space`, `interrupted`, and
 * `config_invalid` for problems that only the configuration can fix.
 */
export interface Source {
  /** As a person writes it, without secrets; manifests carry it. */
  readonly url: string;
  /**
   * Bytes that a pull will need in the temporary folder, as far as that can be known beforehand.
   */
  measure(signal?: AbortSignal): Promise<number | undefined>;
  /**
   * Copies the database, consistent at one moment, into the private folder, and leaves nothing
   * behind at the source in any ending. `unchanged`: the source still has the state that `known`
   * names, and nothing was copied.
   */
  pull(options: PullOptions): Promise<Pulled | 'unchanged'>;
}
