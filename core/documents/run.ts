export type RunFailure = { at: string; code: string; message: string; hint: string; step?: string };
export type RunStart = {
  run: string;
  operation: string;
  startedAt: string;
  deadlineMs?: number | undefined;
};
export type RunBackup = {
  id: string;
  kind: 'full' | 'incremental';
  verdict: string;
  size: number;
  storedBytes: number;
  pages: { count: number; stored: number };
  expires: string;
};
/** How a run ended: the content of its record, its log event, the summary and notifications. */
export type RunRecord = {
  run: string;
  operation: string;
  reason: string;
  startedAt: string;
  endedAt: string;
  ok: boolean;
  durationMs: number;
  /** Milliseconds by step. */
  steps: Partial<Record<string, number>>;
  backup?: RunBackup;
  error?: RunFailure;
};

/** The last restore test of a database, in brief. */
export type RestoreTestSummary = {
  at: string;
  ok: boolean;
  id: string | null;
  durationMs: number;
  problem: string | null;
  /** The id of the message that requested a test of all databases. */
  round?: string;
  /** When the tested backup was taken, and its size. */
  takenAt?: string;
  size?: number;
};
