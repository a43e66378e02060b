import { LifeboatError } from '../lib/errors.ts';
import type { Inspection } from '../sqlite/types.ts';

/** Why a snapshot with this inspection is no backup. */
export function refusal(inspection: Inspection, salvaged: boolean): LifeboatError {
  const failed = inspection.checks.filter(({ result }) => result === 'failed');
  const names = failed.map(({ name, detail }) => (detail ? `${name}: ${detail}` : name)).join('; ');
  const kept = salvaged ? ' A salvage copy is kept for 14 days: see `lifeboat list --all`.' : '';
  const facts = { checks: failed.map(({ name }) => name), salvaged };
  if (failed.some(({ name }) => name === 'empty'))
    return new LifeboatError(
      'source_empty',
      `the database is empty (${names})`,
      `Check the path; if it may be empty, set inspection.allowEmpty.${kept}`,
      { facts },
    );
  if (failed.every(({ name }) => name === 'guard'))
    return new LifeboatError(
      'source_suspicious',
      `the database lost much since its last backup (${names})`,
      `If that is meant, back up once with --accept; if not, restore from the last backup.${kept}`,
      { facts },
    );
  if (
    failed.every(
      ({ name }) => name === 'guard' || name === 'migrations' || name.startsWith('assertion'),
    )
  )
    return new LifeboatError(
      'source_unhealthy',
      `the database is not healthy (${names})`,
      `Repair what the check names, then back up again.${kept}`,
      { facts },
    );
  return new LifeboatError(
    'source_invalid',
    `the database is damaged (${names})`,
    `Restore the newest good backup, or repair it with the sqlite3 program's .recover.${kept}`,
    { facts },
  );
}
