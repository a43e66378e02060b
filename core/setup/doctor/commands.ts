import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, resolve } from 'node:path';
import type { Environment } from '../../app/adapters.ts';
import type { Config } from '../../config/load.ts';
import { runCommand, type Command } from '../../lib/processes/command.ts';
import { fault, ok, type DoctorFinding } from './finding.ts';

type ConfiguredCommand = { readonly key: string; readonly command: Command };
type CommandCheck = {
  readonly cwd: string;
  readonly env: Environment;
  readonly signal: AbortSignal;
};

/** Where the system looks for a program when there is no PATH. */
const DEFAULT_PATH = '/usr/bin:/bin';

/**
 * Whether the programs of hooks and of `notify.command` exist and may be executed, and whether their
 * shell lines can be read. Runs none of them.
 */
export async function checkCommands(
  config: Config,
  options: CommandCheck,
): Promise<DoctorFinding[]> {
  return Promise.all(
    commandsOf(config).map(async ({ key, command }) => {
      const problem =
        'run' in command
          ? await programProblem(command.run[0] ?? '', options)
          : await lineProblem(command.shell, options);
      if (problem === undefined)
        return ok('machine', key, 'run' in command ? 'executable' : 'valid');
      return fault('machine', key, { code: 'config_invalid', ...problem });
    }),
  );
}

function commandsOf({ databases, notify }: Config): ConfiguredCommand[] {
  const hooks = Object.values(databases).flatMap(({ name, hooks: each }) =>
    (['before', 'after'] as const).flatMap((hook) => {
      const command = each?.[hook];
      return command ? [{ key: `databases.${name}.hooks.${hook}`, command }] : [];
    }),
  );
  const { command } = notify;
  return command ? [...hooks, { key: 'notify.command', command }] : hooks;
}

type CommandProblem = { readonly detail: string; readonly hint: string };

async function programProblem(
  program: string,
  { cwd, env }: CommandCheck,
): Promise<CommandProblem | undefined> {
  const hasFolder = program.includes('/');
  const folders = (env['PATH'] || DEFAULT_PATH).split(delimiter);
  const paths = hasFolder ? [resolve(cwd, program)] : folders.map((each) => resolve(each, program));
  const files = await Promise.all(paths.map(isFile));
  const existing = paths.filter((_, at) => files[at]);
  const executable = await Promise.all(existing.map(isExecutable));
  if (executable.includes(true)) return undefined;
  if (existing[0] !== undefined)
    return {
      detail: `${existing[0]} is not executable for this user`,
      hint: `Make it executable: chmod +x ${existing[0]}`,
    };
  return {
    detail: hasFolder ? `there is no file ${paths[0]}` : `there is no program ${program} in PATH`,
    hint: 'Install it, or set its absolute path: a timer starts Lifeboat in another folder and with another PATH.',
  };
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (each) => each.isFile(),
    () => false,
  );
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** `-n` reads the line and executes nothing. */
async function lineProblem(
  line: string,
  { env, signal }: CommandCheck,
): Promise<CommandProblem | undefined> {
  const { PATH } = env;
  const reading = { run: ['/bin/sh', '-n', '-c', line] };
  const { status, problem, lastLine } = await runCommand(reading, {
    input: '',
    env: { PATH },
    signal,
  });
  if (status === 0) return undefined;
  return {
    detail: `/bin/sh cannot read the line: ${lastLine || problem || 'it ended'}`,
    hint: 'Correct `shell`, or write the program and its arguments as a list under `run`.',
  };
}
