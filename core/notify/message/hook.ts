import type { ReportedProblem } from '../notification.ts';

/** What became of the backup after which a hook failed. */
export type HookedBackup = 'made' | 'failed' | 'unknown';

/** As the hint says, which core/backup/hooks.ts writes: a problem has no other field for it. */
export function hookedBackup({ hint }: Pick<ReportedProblem, 'hint'>): HookedBackup {
  if (hint.includes('The backup was made')) return 'made';
  return hint.includes('a backup that failed') ? 'failed' : 'unknown';
}
