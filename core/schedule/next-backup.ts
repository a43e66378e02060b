import type { JobFacts } from './jobs.ts';

export type NextBackup = {
  readonly at: string | null;
  readonly from: 'cloud-scheduler' | 'configuration' | null;
  /** Whether the schedule that the configuration asks for does not run. */
  readonly paused: boolean;
};

/**
 * When the next backup is. `byCron` is what the configuration says (null: no schedule); `job` what Cloud Scheduler says of it, `null` that it has no such
 * job, and `undefined` that it was not asked or did not answer. A job that is paused, disabled or gone starts nothing.
 */
export function nextBackup(byCron: Date | null, job: JobFacts | null | undefined): NextBackup {
  if (!byCron) return { at: null, from: null, paused: false };
  if (job === null || job?.state === 'paused' || job?.state === 'disabled')
    return { at: null, from: null, paused: true };
  if (job?.next) return { at: job.next, from: 'cloud-scheduler', paused: false };
  return { at: byCron.toISOString(), from: 'configuration', paused: false };
}
