import { randomBytes } from 'node:crypto';
import { InvalidArgumentError, type Command } from 'commander';
import { openIdentity } from '../../core/app/adapters.ts';
import { SECOND_MS } from '../../core/lib/text/time.ts';
import { trigger } from '../../core/trigger/trigger.ts';
import { backupText } from '../backup-text.ts';
import { printResult } from '../output.ts';
import { addBackupFlags, type BackupFlags, type CommandContext } from './context.ts';

type TriggerFlags = BackupFlags & {
  url: string;
  audience?: string;
  key?: string;
  timeout: number;
};
const DEFAULT_SECONDS = 3600;
const MOST_SECONDS = 86_400;

export function addTrigger(
  program: Command,
  { terminal, env, running, clearProgress }: CommandContext,
): void {
  addBackupFlags(
    program
      .command('trigger')
      .argument('<database>', 'its name in the lifeboat.yaml of the deployment')
      .description('ask a Google Cloud deployment for a backup and wait until it is verified'),
    'pre-deploy',
  )
    .requiredOption('--url <address>', 'the URL of the function backup-now (required)')
    .option('--audience <text>', 'audience of the ID token, if the function has a custom domain')
    .option(
      '--key <key>',
      'idempotency key: repeat it to retry without a second backup (default: random)',
    )
    .option('--timeout <seconds>', 'how long to wait', toSeconds, DEFAULT_SECONDS)
    .action(
      async (
        database: string,
        { expectMigration, timeout, key = randomBytes(16).toString('hex'), ...flags }: TriggerFlags,
      ) => {
        const result = await trigger({
          ...flags,
          ...running,
          database,
          key,
          expectMigrations: expectMigration,
          timeoutMs: timeout * SECOND_MS,
          identity: openIdentity(env),
          onRetry: ({ message }, pauseMs) => {
            clearProgress();
            if (!terminal.quiet) terminal.err(`${message}; retrying in ${pauseMs / SECOND_MS} s\n`);
          },
        }).finally(clearProgress);
        // The configuration with the time zone of the database is with the function.
        printResult(terminal, result, backupText(result, { timeZone: 'UTC', store: undefined }));
      },
    );
}

function toSeconds(text: string): number {
  const seconds = Number(text);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > MOST_SECONDS)
    throw new InvalidArgumentError(`Use a number of seconds from 1 to ${MOST_SECONDS}.`);
  return seconds;
}
