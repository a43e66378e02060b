import { existsSync } from 'node:fs';
import { LifeboatError } from '../../lib/errors.ts';
import type { RunCommand } from './command.ts';
import { writtenFolders, type TimerPlan } from './plan.ts';

/**
 * Makes sure that the user of system units can start Lifeboat and read what a run reads: such a unit
 * would fail before it could send an alert. Throws `usage`.
 */
export async function requireStartable(plan: TimerPlan, run: RunCommand): Promise<void> {
  if (!hasOtherUser(plan)) return;
  const { runAs, program, configPath, config } = plan;
  await run('runuser', ['-u', runAs, '--', program.node, program.main, '--version']);
  const sources = Object.values(config.databases)
    .filter(({ origin, source }) => origin.kind === 'file' && existsSync(source))
    .map(({ source }) => source);
  for (const path of [configPath, ...sources]) await requireAccess(plan, run, ['-r', path]);
}

/** Makes sure that the user of system units can write to the store and its copies. Throws `usage`. */
export async function requireWritable(plan: TimerPlan, run: RunCommand): Promise<void> {
  if (!hasOtherUser(plan)) return;
  for (const path of writtenFolders(plan)) await requireAccess(plan, run, ['-w', path]);
}

/** Otherwise the timers run as the user of this process, who has just read all of this. */
function hasOtherUser({ kind, runAs }: TimerPlan): boolean {
  return kind === 'system' && runAs !== 'root';
}

async function requireAccess(
  { runAs }: TimerPlan,
  run: RunCommand,
  [flag, path]: readonly ['-r' | '-w', string],
): Promise<void> {
  await run('runuser', ['-u', runAs, '--', 'test', flag, path]).catch((cause: unknown) => {
    throw new LifeboatError(
      'usage',
      `the user ${runAs} cannot ${flag === '-r' ? 'read' : 'write to'} ${path}`,
      `Check the owner and the mode of ${path} and of the folders above it (\`namei -l ${path}\`), or choose another user with --run-as.`,
      { cause },
    );
  });
}
