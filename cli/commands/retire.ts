import type { Command } from 'commander';
import type { App } from '../../core/app/app.ts';
import { ENGLISH, formatDate, formatList } from '../../core/lib/format.ts';
import { printResult } from '../output.ts';
import { timeZoneOf, type CommandContext } from './context.ts';

export function addRetire(program: Command, { open, terminal }: CommandContext): void {
  program
    .command('retire <database>')
    .description('let the last backups of a removed database expire')
    .action(async (database: string) => {
      const app = await open();
      const heldIds = (await app.list(database)).filter(({ held }) => held).map(({ id }) => id);
      const result = await app.retire(database);
      const days = await expiryDays(app, database, heldIds);
      printResult(terminal, result, releaseText(result.released, days));
    });
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
