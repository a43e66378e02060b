import { InvalidArgumentError, Option, type Command } from 'commander';
import type { App } from '../../core/app/app.ts';
import type { Notify } from '../../core/app/context.ts';
import type { Terminal } from '../output.ts';
import { REASONS } from '../../core/config/values.ts';
import { KINDS } from '../../core/documents/backup.ts';

/** What every command gets. */
export type CommandContext = {
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** With `notify`, failures and recoveries are sent to the configured channels. */
  readonly open: (options?: { readonly notify: Notify }) => Promise<App>;
  /** For operations that can be interrupted and show their progress. */
  readonly running: {
    readonly signal: AbortSignal;
    readonly onProgress: ((step: string, done: number, total: number) => void) | undefined;
  };
  readonly clearProgress: () => void;
};

export const NOTIFY = [
  '--notify',
  'send failures and recoveries to the configured channels',
  false,
] as const;

/** The flags of commands that request a backup. */
export type BackupFlags = {
  kind: (typeof KINDS)[number];
  reason: (typeof REASONS)[number];
  accept: boolean;
  expectMigration: string[];
};

export function addBackupFlags(command: Command, reason: BackupFlags['reason']): Command {
  return command
    .addOption(new Option('--kind <kind>', 'what to store').choices(KINDS).default('auto'))
    .addOption(
      new Option(
        '--reason <reason>',
        'why this backup is made; pre-deploy and pre-push backups are kept for the daily period only',
      )
        .choices(REASONS)
        .default(reason),
    )
    .option(
      '--accept',
      'accept, this once, a database that is much smaller than its last backup',
      false,
    )
    .option(
      '--expect-migration <name>',
      'fail unless this migration is applied (repeatable)',
      repeatable,
      [],
    );
}

/** The parser of an option that may be given several times. */
export function repeatable(value: string, before: string[]): string[] {
  return [...before, value];
}

/** The parser of an option that is a number of things. */
export function positiveInteger(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new InvalidArgumentError('Use a whole number from 1 on.');
  return number;
}

/** The time zone in which dates of a database are shown. */
export function timeZoneOf({ config }: App, database: string): string {
  return config.databases[database]?.timeZone ?? config.timeZone;
}
