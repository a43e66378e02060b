import { Option, type Command } from 'commander';
import type { App } from '../../core/app/app.ts';
import type { Terminal } from '../output.ts';
import { REASONS } from '../../core/config/values.ts';
import { KINDS } from '../../core/documents/backup.ts';

export const NOTIFY = [
  '--notify',
  'tell the channels of the configuration what fails, and when it works again',
  false,
] as const;

export type OrderOptions = {
  kind: (typeof KINDS)[number];
  reason: (typeof REASONS)[number];
  accept: boolean;
  expectMigration: string[];
};

/** What every command is given. */
export type Door = {
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** With `notify` the channels of the configuration are told. */
  readonly open: (more?: { readonly notify: boolean }) => Promise<App>;
  readonly watching: {
    signal: AbortSignal;
    onProgress?: (step: string, done: number, total: number) => void;
  };
  /** Takes the progress bar away. */
  readonly clear: () => void;
};

/** The parser of an option that may be given several times. */
export function several(value: string, before: string[]): string[] {
  return [...before, value];
}

/** The options of whatever asks for a backup. */
export function addOrder(command: Command, reason: OrderOptions['reason']): Command {
  return command
    .addOption(new Option('--kind <kind>', 'what to store').choices(KINDS).default('auto'))
    .addOption(
      new Option(
        '--reason <reason>',
        'why: schedule and manual backups take weekly and longer slots',
      )
        .choices(REASONS)
        .default(reason),
    )
    .option('--accept', 'let through, once, a database that lost much since its last backup', false)
    .option(
      '--expect-migration <name>',
      'a migration that must be applied; may be given several times',
      several,
      [],
    );
}
