import type { Argument, Command, Option } from 'commander';

/** What a person writes for an argument or the value of an option. */
type ValueKind = 'command' | 'database' | 'file' | 'text';

export type OptionEntry = {
  /** As the help shows it: `-q, --quiet`, `--kind <kind>`. */
  readonly flags: string;
  readonly short: string | undefined;
  readonly long: string;
  /** One sentence without the choices and the default. */
  readonly description: string;
  /** The same with them. */
  readonly help: string;
  readonly isRepeatable: boolean;
  /** Undefined for a switch. */
  readonly value: ValueKind | undefined;
  readonly choices: readonly string[];
};
export type ArgumentEntry = {
  readonly name: string;
  readonly isRequired: boolean;
  /** Empty where the name says it. */
  readonly description: string;
  readonly value: ValueKind;
  readonly choices: readonly string[];
};
export type CommandEntry = {
  readonly name: string;
  readonly group: string;
  readonly description: string;
  readonly arguments: readonly ArgumentEntry[];
  readonly options: readonly OptionEntry[];
};
export type CommandTree = {
  readonly description: string;
  readonly options: readonly OptionEntry[];
  readonly commands: readonly CommandEntry[];
};

/** What the help shows of the program, for the completion of shells and the man page. */
export function commandTree(program: Command): CommandTree {
  const help = program.createHelp();
  const entries = (command: Command): OptionEntry[] =>
    help
      .visibleOptions(command)
      // Every command has the option --help of the program.
      .filter(({ long }) => command === program || long !== '--help')
      .map((option) => optionEntry(option, help.optionDescription(option)));
  return {
    description: program.description(),
    options: entries(program),
    commands: help.visibleCommands(program).map((command) => ({
      name: command.name(),
      group: command.helpGroup(),
      description: command.description(),
      arguments: command.registeredArguments.map(argumentEntry),
      options: entries(command),
    })),
  };
}

function optionEntry(option: Option, help: string): OptionEntry {
  const placeholder = /<(.+)>$/.exec(option.flags)?.[1];
  return {
    flags: option.flags,
    short: option.short,
    long: option.long ?? '',
    description: option.description,
    help,
    isRepeatable: Array.isArray(option.defaultValue),
    value: placeholder === undefined ? undefined : valueKind(placeholder),
    choices: option.argChoices ?? [],
  };
}

function argumentEntry(argument: Argument): ArgumentEntry {
  return {
    name: argument.name(),
    isRequired: argument.required,
    description: argument.description,
    value: argument.name() === 'command' ? 'command' : valueKind(argument.name()),
    choices: argument.argChoices ?? [],
  };
}

function valueKind(placeholder: string): ValueKind {
  if (placeholder === 'database') return 'database';
  return ['file', 'folder', 'path', 'place'].includes(placeholder) ? 'file' : 'text';
}
