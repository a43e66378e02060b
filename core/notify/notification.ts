/** A failure. The code is the same in every language, because people search for it. */
export type ReportedProblem = {
  /** The step of the run that failed: `health`, `snapshot`, `inspect`, `store` … */
  readonly step?: string | undefined;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
};

/** The newest verified backup. Times are ISO 8601, sizes bytes. */
export type GoodBackup = { readonly id: string; readonly takenAt: string; readonly size: number };

/** One database of a restore test. `message` is the reason of a failure. */
export type RestoreTestRow = {
  readonly database: string;
  readonly ok: boolean;
  readonly backup?: GoodBackup | undefined;
  readonly durationMs?: number | undefined;
  readonly message?: string | undefined;
};

/** The databases that one cause concerns, in a digest. */
export type ProblemGroup = {
  readonly kind: Trouble | 'recovered';
  /** The host, or the bucket, that they have in common; undefined for files. */
  readonly host?: string | undefined;
  /** `<database>` in its texts stands for each name. For recoveries: the earlier failure. */
  readonly fault: ReportedProblem;
  /** When the first of them failed. */
  readonly since?: string | undefined;
  readonly databases: readonly string[];
  /** As in a message about one database; only where the group has one. */
  readonly lastGood?: GoodBackup | null | undefined;
};

export const TROUBLES = [
  'failed',
  'still-failing',
  'guard',
  'late',
  'missing',
  'copy-failing',
  'hook-failing',
  'space-low',
  'watch-alarm',
] as const;
export type Trouble = (typeof TROUBLES)[number];
export const NOTIFICATION_KINDS = [
  ...TROUBLES,
  'recovered',
  'digest',
  'digest-recovered',
  'restore-test-passed',
  'restore-test-failed',
  'sample',
] as const;
export type Kind = (typeof NOTIFICATION_KINDS)[number];

type Common = {
  /** When it happened. */
  readonly at: string;
  /** The time zone of the times in the message, such as `America/Sao_Paulo`. */
  readonly timeZone: string;
  readonly run?: string | undefined;
  /** The page with the log of that run; see `logLink`. */
  readonly logUrl?: string | undefined;
  /** Name and version of the program. */
  readonly tool: string;
  /** The host that reports. Absent on Google Cloud, where instances have no lasting name. */
  readonly machine?: string | undefined;
  /** Where the backups are stored: a folder, or `gs://…`. */
  readonly store?: string | undefined;
  /** The status page, of the database where there is one. Absent without `publicUrl`. */
  readonly pageUrl?: string | undefined;
  /** The page on restoring. Absent without `publicUrl`. */
  readonly restoreUrl?: string | undefined;
};

type OfDatabase = Common & {
  readonly database: string;
  /** When the problem began. */
  readonly since?: string | undefined;
  /** `null`: there is none. Absent: unknown. */
  readonly lastGood?: GoodBackup | null | undefined;
  /** When its schedule plans the next backup. Absent without a schedule. */
  readonly nextTry?: string | undefined;
};

/**
 * The facts of one message, before it has a language and a channel. Its fields are those of the
 * webhook.
 */
export type Notification =
  | (OfDatabase & {
      readonly kind: Trouble;
      readonly fault: ReportedProblem;
      readonly flapping?: boolean;
    })
  | (OfDatabase & { readonly kind: 'recovered'; readonly fault?: ReportedProblem | undefined })
  | (Common & {
      readonly kind: 'restore-test-passed' | 'restore-test-failed';
      readonly databases: readonly RestoreTestRow[];
    })
  | (Common & {
      readonly kind: 'digest' | 'digest-recovered';
      /** The worst first. */
      readonly groups: readonly ProblemGroup[];
    })
  | (Common & { readonly kind: 'sample' });

export function isTrouble(kind: string): kind is Trouble {
  return (TROUBLES as readonly string[]).includes(kind);
}
