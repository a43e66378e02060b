import type { Code } from '../lib/errors.ts';

/** The result of one check of the watch or the doctor. */
export type Finding<Check extends string = string> = {
  readonly check: Check;
  /** Undefined when the finding concerns the store or the deployment, and in the doctor. */
  readonly database?: string | undefined;
  /**
   * What the finding is about: a database, a store, a job, a kind of fault. It stays the same from
   * run to run; the watch recognises a problem by it. Empty: the whole subject of the check.
   */
  readonly about: string;
  /**
   * `fault`: backups may be lost or do not work. `warning`: everything works, but costs or risks
   * more.
   */
  readonly level: 'ok' | 'warning' | 'fault';
  readonly detail: string;
  /** What to do; empty when the level is `ok`. */
  readonly hint: string;
  /** Set when an error caused the fault. */
  readonly code?: Code | undefined;
};

export type WatchCheck =
  | 'store'
  | 'late'
  | 'missing'
  | 'unconfigured'
  | 'runs'
  | 'inspection'
  | 'salvage'
  | 'restore-test'
  | 'key'
  | 'holds'
  | 'objects'
  | 'clock'
  | 'copies'
  | 'schedule'
  | 'bucket'
  | 'place'
  | 'space';

export type WatchFinding = Finding<WatchCheck>;

export type DoctorCheck =
  | 'configuration'
  | 'secrets'
  | 'encryption'
  | 'store'
  | 'source'
  | 'schedule'
  | 'mail'
  | 'clock'
  | 'machine';

/** One entry of `watch --json`. */
export type WatchVerdict = {
  readonly database: string | null;
  readonly check: WatchCheck;
  readonly result: 'ok' | 'warning' | 'alarm';
  readonly about: string;
  readonly detail: string;
  readonly hint: string;
};

/** One entry of `doctor --json`; a fault has a code. */
export type DoctorResult = {
  readonly check: DoctorCheck;
  readonly about: string;
  readonly result: 'ok' | 'warning' | 'fault';
  readonly detail: string;
  readonly hint: string;
  readonly code?: Code | undefined;
};
