import { Argument, Option, type Command } from 'commander';
import { expandHome } from '../../core/config/home.ts';
import { loadConfig } from '../../core/config/load.ts';
import { commandTree } from '../command-tree.ts';
import { bashCompletion } from '../completion/bash.ts';
import { fishCompletion } from '../completion/fish.ts';
import { zshCompletion } from '../completion/zsh.ts';
import { printResult } from '../output.ts';
import type { Globals } from '../setup.ts';
import type { CommandContext } from './context.ts';

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

type Shell = keyof typeof SCRIPTS;

export function addCompletion(program: Command, context: CommandContext): void {
  program
    .command('completion')
    .description('print the completion script of a shell; docs/commands.md explains where it goes')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(SCRIPTS)))
    .addOption(new Option('--databases', 'what the scripts run').default(false).hideHelp())
    .action(async (shell: Shell, { databases }: { databases: boolean }) => {
      if (databases) return printNames(program.opts<Globals>(), context);
      const script = SCRIPTS[shell](commandTree(program));
      printResult({ ...context.terminal, quiet: false }, { shell, script }, script);
    });
}

/**
 * Prints the configured databases, one per line. An error would appear in the command line that a
 * person is typing, so a configuration that cannot be read counts as empty.
 */
async function printNames(
  { config }: Globals,
  { terminal, cwd, env }: CommandContext,
): Promise<void> {
  const configPath = config === undefined ? undefined : expandHome(config, env['HOME']);
  const options = { configPath, cwd, env, inCloud: false };
  const configuration = await loadConfig(options).catch(() => undefined);
  for (const name of Object.keys(configuration?.databases ?? {})) terminal.out(`${name}\n`);
}
