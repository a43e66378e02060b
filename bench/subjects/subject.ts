import type { Step } from '../measure.ts';
import type { Operation } from '../results.ts';

/** Where a subject works: the database, and a folder of its own. */
export type Place = {
  readonly source: string;
  /** What is in here after a backup and was not before is what it stored. */
  readonly store: string;
  /** Exists, and is emptied before each restore. */
  readonly target: string;
  /** Caches and temporary files. */
  readonly scratch: string;
};

export type Subject = {
  readonly name: string;
  /** The programs it needs; it is left out when one is not installed. */
  readonly needs: readonly (readonly [command: string, ...versionArgs: string[]])[];
  /** Done once, unmeasured: an empty repository, a configuration. */
  readonly prepare: () => Promise<unknown>;
  readonly steps: Readonly<Partial<Record<Operation, Step>>>;
  /**
   * The restore with what ours does besides: reading back what was written, and bringing it to the
   * disk.
   */
  readonly proven?: { readonly name: string; readonly step: Step };
  /** Where the restored file is, when it must be byte for byte the source. */
  readonly restored?: string;
};
