import type { Manifest } from '../format/manifest.ts';
import type { Inspection } from '../sqlite/types.ts';

/**
 * What a restored database lacks of what its manifest says: rows by table, schema, migrations, and
 * the checks that held then. Empty: it is the same. Checks that were inconclusive then are not
 * required now.
 */
export function differences(recorded: Manifest['inspection'], restored: Inspection): string[] {
  const differing: string[] = [];
  if (restored.verdict === 'failed')
    differing.push(
      ...restored.checks
        .filter(({ result }) => result === 'failed')
        .map(({ name, detail }) => `${name} fails${detail ? `: ${detail}` : ''}`),
    );
  if (recorded.schema !== null && restored.schema !== null && recorded.schema !== restored.schema)
    differing.push('the schema is another one than when it was backed up');
  if (restored.schema !== null)
    for (const [table, rows] of Object.entries(recorded.tables)) {
      const now = Object.hasOwn(restored.tables, table) ? restored.tables[table] : undefined;
      if (now === undefined) differing.push(`the table ${table} cannot be read`);
      else if (now !== rows)
        differing.push(`the table ${table} has ${now} rows instead of ${rows}`);
    }
  const [then, now] = [migrationHeads(recorded.migrations), migrationHeads(restored.migrations)];
  if (restored.schema !== null && then !== now)
    differing.push(`the migrations are ${now} instead of ${then}`);
  return differing;
}

function migrationHeads(migrations: Inspection['migrations']): string {
  return (
    migrations
      .map(({ framework, head, applied }) => `${framework} ${head ?? 'none'} (${applied})`)
      .join(', ') || 'none'
  );
}
