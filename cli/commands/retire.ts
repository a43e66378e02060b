import type { Command } from 'commander';
import type { App } from '../../core/app/app.ts';
import { LifeboatError } from '../../core/lib/errors.ts';
import { ENGLISH, formatDate, formatList } from '../../core/lib/text/format.ts';
import type { Retirement } from '../../core/upkeep/retire.ts';
import { printResult } from '../output.ts';
import { timeZoneOf, type CommandContext } from './context.ts';
import { DATABASE } from '../help-text.ts';

export function addRetire(program: Command, { open, terminal }: CommandContext): void {
  program
    .command('retire')
    .argument('<database>', DATABASE)
    .description(
      'let the last backups of a removed database expire; when they have, delete what is left of it',
    )
    .option(
      '--yes',
      'even if the database is still in lifeboat.yaml, or recorded backups are missing',
      false,
    )
    .action(async (database: string, { yes }: { yes: boolean }) => {
      const app = await open();
      if (!yes) refuseConfigured(app, database);
      const heldIds = (await app.list(database)).filter(({ held }) => held).map(({ id }) => id);
      const result = await app.retire(database, { acceptsMissing: yes });
      printResult(terminal, result, await retirementText(app, database, result, heldIds));
    });
}

/** Where a file system ignores case, the backups of `Shop` are those of `shop`. */
function refuseConfigured({ config }: App, database: string): void {
  const configuredName = Object.keys(config.databases).find(
    (name) => name.toLowerCase() === database.toLowerCase(),
  );
  if (configuredName === undefined) return;
  const releaseAll = `\`lifeboat retire ${database} --yes\``;
  if (configuredName === database)
    throw new LifeboatError(
      'usage',
      `${database} is in lifeboat.yaml, so its last backups are protected`,
      `Remove it from lifeboat.yaml first, or release them all the same: ${releaseAll}.`,
    );
  throw new LifeboatError(
    'usage',
    `${database} differs only in case from ${configuredName}, which is in lifeboat.yaml`,
    `Did you mean \`${configuredName}\`? To release the backups of ${database}: ${releaseAll}.`,
  );
}

async function retirementText(
  app: App,
  database: string,
  { released, removed }: Retirement,
  heldIds: readonly string[],
): Promise<string> {
  if (removed)
    return `${database} had no backups left. Deleted its state and the records of its runs.\n`;
  const days = await expiryDays(app, database, heldIds);
  return `${releaseText(released, days)}When its backups have expired, run this again to delete what is left of ${database}.\n`;
}

async function expiryDays(app: App, database: string, ids: readonly string[]): Promise<string[]> {
  const timeZone = timeZoneOf(app, database);
  const backups = (await app.list(database)).filter(({ id }) => ids.includes(id));
  const days = backups.map(({ expires }) => formatDate(ENGLISH, expires, timeZone));
  return [...new Set(days)];
}

function releaseText(count: number, days: readonly string[]): string {
  if (count === 0) return 'No backups to release.\n';
  const expiry = days.length === 0 ? '' : ` on ${formatList(ENGLISH, days)}`;
  return count === 1
    ? `Released 1 backup. It expires${expiry}.\n`
    : `Released ${count} backups. They expire${expiry}.\n`;
}
