import { EFFORT, withAttempts, type Effort } from './attempts.ts';
import { serviceFailure, type Channel } from '../channel.ts';
import { runCommand, type Command, type CommandEnding } from '../../lib/processes/command.ts';

export type CommandChannelOptions = {
  readonly command: Command;
  readonly timeoutMs: number;
  /** The environment of the command, without the secrets of Lifeboat. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What must not be in an error, whatever the command prints. */
  readonly secrets?: readonly string[];
  readonly effort?: Effort;
};

/** EX_TEMPFAIL of sysexits.h: try again later. */
const TRY_AGAIN_STATUS = 75;

/**
 * Runs a program of this machine with the JSON of `webhook-body.ts` on its standard input. Status 0
 * means sent, 75 and a signal are tried again, anything else is a refusal.
 */
export function createCommand({
  command,
  timeoutMs,
  env,
  secrets = [],
  effort = EFFORT,
}: CommandChannelOptions): Channel {
  return {
    name: 'command',
    send: (message, signal) => {
      const input = `${JSON.stringify(message.webhook)}\n`;
      const patient: Effort = { ...effort, attemptMs: timeoutMs };
      return withAttempts(
        { channel: 'command', secrets, effort: patient, signal },
        async (attempt) => {
          const ending = await runCommand(command, { input, env, signal: attempt });
          if (ending.status !== 0) throw commandFailure(ending);
          return {};
        },
      );
    },
  };
}

function commandFailure({ status, killedBy, problem, isStillRunning, lastLine }: CommandEnding) {
  const output = lastLine === '' ? '' : `: ${lastLine}`;
  if (problem !== undefined)
    return serviceFailure(
      `the command cannot be started: ${problem}`,
      'Correct notify.command.run: it begins with the absolute path of a program.',
      { transient: false },
    );
  if (isStillRunning)
    return serviceFailure(
      `the command could not be ended (EPERM), and still runs as another user${output}`,
      'End it by hand; a command that changes its user must end by itself within notify.command.timeout.',
      { transient: false },
    );
  if (killedBy !== null)
    return serviceFailure(
      `the command was ended by ${killedBy}${output}`,
      'Run it by hand with a sample, and raise notify.command.timeout if it needs more time.',
      { transient: true },
    );
  return serviceFailure(
    `the command ended with status ${status}${output}`,
    'Run it by hand: `lifeboat notify-test` sends it a sample on its standard input.',
    { transient: status === TRY_AGAIN_STATUS },
  );
}
