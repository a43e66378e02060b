import { BACKUP_ID } from '../../format/manifest.ts';
import { idTime } from '../../catalog/select.ts';
import { CLOCK_TOLERANCE_MS } from '../../catalog/soundness.ts';
import type { Store } from '../../store/store.ts';
import { counted } from '../../watch/finding.ts';
import { fault, type DoctorFinding } from './finding.ts';

/**
 * Whether the store has backups from the future, by their ids: a clock was wrong, here or where
 * they were made. Reads no manifest, so it needs no key.
 */
export async function checkTimes(
  store: Store,
  databases: readonly string[],
  now: Date,
): Promise<DoctorFinding[]> {
  const findings: DoctorFinding[] = [];
  for (const name of databases) {
    const ids = new Set<string>();
    for await (const { key } of store.list(`databases/${name}/`)) {
      const [, , id = '', file] = key.split('/');
      if (file === 'manifest.json' && BACKUP_ID.test(id)) ids.add(id);
    }
    const future = [...ids].filter((id) => idTime(id) > now.getTime() + CLOCK_TOLERANCE_MS);
    if (future.length > 0)
      findings.push(
        fault('clock', name, {
          code: 'config_invalid',
          detail: `${counted(future.length, 'backup')} of ${name} ${future.length === 1 ? 'is' : 'are'} from the future: ${future.slice(0, 3).join(', ')}`,
          hint: 'Check the clock of this machine and of the one that makes the backups (`timedatectl`). Such backups restore by their id and do not count as the newest.',
        }),
      );
  }
  return findings;
}
