/** What is wrong. The code, message and hint stay English whatever the locale: people search for them. */
export type Fault = {
  /** The step of the run that failed: `health`, `snapshot`, `inspect`, `store` … */
  readonly step?: string;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
};

/** The newest verified backup. Times are ISO 8601, sizes bytes. */
export type GoodBackup = { readonly id: string; readonly takenAt: string; readonly size: number };

/** One database of a restore test. `message` says why it failed. */
export type RestoreTestRow = {
  readonly database: string;
  readonly ok: boolean;
  readonly backup?: GoodBackup;
  readonly durationMs?: number;
  readonly message?: string;
};

export const TROUBLES = [
  'failed',
  'still-failing',
  'guard',
  'late',
  'missing',
  'copy-failing',
  'space-low',
  'watch-alarm',
] as const;
export type Trouble = (typeof TROUBLES)[number];
export const KINDS = [
  ...TROUBLES,
  'recovered',
  'restore-test-passed',
  'restore-test-failed',
  'sample',
] as const;
export type Kind = (typeof KINDS)[number];

type Common = {
  /** When it happened. */
  readonly at: string;
  /** The time zone in which times are written, such as `America/Sao_Paulo`. */
  readonly timeZone: string;
  readonly run?: string;
  /** Where the log of that run is; see `logLink`. */
  readonly logUrl?: string;
  /** Name and version of the program. */
  readonly tool: string;
};

type OfDatabase = Common & {
  readonly database: string;
  /** When the trouble began. */
  readonly since?: string;
  /** `null`: there is none. Absent: not known. */
  readonly lastGood?: GoodBackup | null;
};

/** What is told, before it has a language or a channel. */
export type Notification =
  | (OfDatabase & { readonly kind: Trouble; readonly fault: Fault; readonly flapping?: boolean })
  | (OfDatabase & { readonly kind: 'recovered'; readonly fault?: Fault })
  | (Common & {
      readonly kind: 'restore-test-passed' | 'restore-test-failed';
      readonly databases: readonly RestoreTestRow[];
    })
  | (Common & { readonly kind: 'sample' });

export function isTrouble(kind: Kind): kind is Trouble {
  return (TROUBLES as readonly Kind[]).includes(kind);
}
