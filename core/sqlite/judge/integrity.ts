import { columnText, pragmaOn, tableList, type Engine } from '../engine.ts';
import { classify, errorText } from './findings.ts';
import { separateTables } from './table-checks.ts';
import type { Check, InspectOptions } from '../types.ts';

/**
 * `quick_check` or `integrity_check` as one check. An engine with threads checks the tables one by
 * one beside a `quick_check` of the whole, which together find what `integrity_check` finds
 * (docs/decisions/integrity-check.md). The detail begins with the pragma, so that a backup records
 * how thoroughly it was checked.
 */
export async function checkIntegrity(
  engine: Engine,
  mode: InspectOptions['integrity'],
): Promise<Check> {
  const pragma = mode === 'full' ? 'integrity_check' : 'quick_check';
  const tables = mode === 'full' && engine.checkTables ? separateTables(engine.all) : undefined;
  // They run while this thread does the rest.
  const separate = tables && engine.checkTables?.(tables);
  const whole = wholeFindings(engine, separate ? 'quick_check' : pragma);
  const check = classify([...whole, ...((await separate) ?? [])], engine.name);
  return { ...check, detail: check.detail === undefined ? pragma : `${pragma}: ${check.detail}` };
}

/** The rows of a pragma, or the message of its exception. */
export function findingsOf({ all }: Pick<Engine, 'all'>, pragma: string): string[] {
  try {
    return all(`pragma ${pragma}`).map((row) => columnText(Object.values(row)[0]));
  } catch (error) {
    return [errorText(error)];
  }
}

/**
 * Of the whole file. When the last object of the schema is a view, SQLite takes the check for that
 * of a single table and leaves the freelist out; the check of the schema table includes it.
 */
function wholeFindings(engine: Engine, pragma: string): string[] {
  const findings = findingsOf(engine, pragma);
  const isSound = findings.every((each) => each === 'ok');
  return isSound && hasRootless(engine)
    ? findingsOf(engine, pragmaOn(pragma, 'sqlite_schema'))
    : findings;
}

/** Whether the schema has an object without a page of its own. Unknown counts as yes. */
function hasRootless({ all }: Engine): boolean {
  try {
    return tableList(all).some(({ type }) => type === 'view' || type === 'virtual');
  } catch {
    return true;
  }
}
