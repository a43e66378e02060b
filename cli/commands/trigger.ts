import { randomBytes } from 'node:crypto';
import { InvalidArgumentError, type Command } from 'commander';
import { openIdentity } from '../../core/app/adapters.ts';
import { trigger } from '../../core/trigger/trigger.ts';
import { answer, madeText } from '../output.ts';
import { addOrder, type Door, type OrderOptions } from './door.ts';

type Options = OrderOptions & { url: string; audience?: string; key?: string; timeout: number };
const DEFAULT_SECONDS = 3600;
const MOST_SECONDS = 86_400;

export function addTrigger(program: Command, { terminal, env, watching, clear }: Door): void {
  addOrder(
    program
      .command('trigger <database>')
      .description(
        'have the function backup-now back up a database, and wait until it is verified',
      ),
    'pre-deploy',
  )
    .requiredOption('--url <address>', 'the address of backup-now')
    .option(
      '--audience <text>',
      'of the ID token, where it does not follow from the address (a domain of your own)',
    )
    .option('--key <key>', 'the same key gives the same backup (default: a random one)')
    .option('--timeout <seconds>', 'how long to wait', toSeconds, DEFAULT_SECONDS)
    .action(
      async (
        database: string,
        { expectMigration, timeout, key = randomBytes(16).toString('hex'), ...asked }: Options,
      ) => {
        const done = await trigger({
          ...asked,
          ...watching,
          database,
          key,
          expectMigrations: expectMigration,
          timeoutMs: timeout * 1000,
          identity: openIdentity(env),
          onAgain: ({ message }, pauseMs) => {
            clear();
            if (!terminal.quiet) terminal.err(`${message}; asking again in ${pauseMs / 1000} s\n`);
          },
        }).finally(clear);
        answer(terminal, done, madeText(done));
      },
    );
}

function toSeconds(text: string): number {
  const seconds = Number(text);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > MOST_SECONDS)
    throw new InvalidArgumentError(`It is a number of seconds from 1 to ${MOST_SECONDS}.`);
  return seconds;
}
