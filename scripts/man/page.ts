import type { CommandEntry, CommandTree, OptionEntry } from '../../cli/command-tree.ts';
import { EXAMPLES, EXIT_STATUSES } from '../../cli/help-text.ts';

/** The man page in the macros of man(7), which every man program reads. */
export function manPage({ description, options, commands }: CommandTree): string {
  const groups = Map.groupBy(commands, ({ group }) => group.replace(/:$/, ''));
  return `.\\" Written by \`npm run man\`.
.TH LIFEBOAT 1 "" "Lifeboat" "User Commands"
.SH NAME
lifeboat \\- back up live SQLite databases, check every backup, and test that they restore
.SH SYNOPSIS
.B lifeboat
[\\fIoptions\\fR] \\fIcommand\\fR [\\fIarguments\\fR]
.SH DESCRIPTION
${roff(description)}
The file
.I lifeboat.yaml
names the databases, their schedules and the store; \\fBlifeboat init\\fR writes it.
.PP
Backups are ordinary
.BR zstd (1)
and
.BR age (1)
files, which restore without Lifeboat.
.SH OPTIONS
These options go with every command.
${options.map(optionParagraph).join('')}.SH COMMANDS
${[...groups].map(([group, each]) => `.SS ${roff(group)}\n${each.map(commandParagraph).join('')}`).join('')}.SH EXAMPLES
.EX
${roff(EXAMPLES)}
.EE
.SH EXIT STATUS
${[...EXIT_STATUSES.matchAll(/(\d+) (.+?)(?=,\s\d|\.$)/gs)].map(([, status = '', meaning = '']) => `.TP\n.B ${status}\n${roff(meaning)}\n`).join('')}.SH ENVIRONMENT
.TP
.B LIFEBOAT_CONFIG
The configuration file, unless
.B \\-\\-config
is given.
.TP
.B LIFEBOAT_STORE
The store, unless
.B \\-\\-store
is given.
.TP
.B LIFEBOAT_IDENTITY
The age identities that decrypt backups.
.TP
.B LIFEBOAT_KEY
The key that authenticates backups.
.PP
docs/configuration.md lists all variables.
.SH FILES
.TP
.I lifeboat.yaml
The configuration, in the current folder or the nearest one above it, no further than the repository or the home folder.
.TP
.I backups
The store, where nothing else is configured.
.SH SEE ALSO
.BR age (1),
.BR sqlite3 (1),
.BR zstd (1)
.PP
The pages in the folder docs of the package: restore.md (how to restore, in five steps), commands.md, setup.md, operations.md, configuration.md, format.md.
`;
}

function commandParagraph({ name, arguments: values, options, description }: CommandEntry): string {
  const words = values.map(({ name: value, isRequired }) =>
    isRequired ? `<\\fI${value}\\fR>` : `[\\fI${value}\\fR]`,
  );
  const choices = values.filter((each) => each.choices.length > 0);
  const note = [
    ...values
      .filter((each) => each.description !== '')
      .map((each) => ` ${each.name}: ${each.description}.`),
    ...choices.map((each) => ` ${each.name}: ${each.choices.join(', ')}.`),
  ].join('');
  const nested = options.length === 0 ? '' : `.RS\n${options.map(optionParagraph).join('')}.RE\n`;
  return (
    `.TP\n\\fB${roff(name)}\\fR ${words.join(' ')}`.trimEnd() +
    `\n${roff(sentence(description) + note)}\n${nested}`
  );
}

function optionParagraph({ flags, help }: OptionEntry): string {
  const [, names = '', value = ''] = /^(.*?)( <.+>)?$/.exec(flags) ?? [];
  const placeholder = value === '' ? '' : ` \\fI${roff(value.slice(2, -1))}\\fR`;
  return `.TP\n\\fB${roff(names)}\\fR${placeholder}\n${roff(sentence(help))}\n`;
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

/** Text in which roff sees no escape, no hyphen for a minus and no request at the start of a line. */
function roff(text: string): string {
  return text
    .replaceAll('\\', String.raw`\e`)
    .replaceAll('-', String.raw`\-`)
    .replaceAll(/^(?=[.'])/gm, String.raw`\&`);
}
