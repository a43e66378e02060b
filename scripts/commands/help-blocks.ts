import type { CommandEntry, CommandTree, OptionEntry } from '../../cli/command-tree.ts';

/** A place in docs/commands.md that is written from the help. */
const BLOCK = /<!-- help of (.+?) -->\n[\s\S]*?<!-- end -->/g;
/** The block of the options that go with every command. */
const EVERY_COMMAND = 'every command';

/** The page with the usage and options of each command that it names. Throws for another name. */
export function withHelp(page: string, { options, commands }: CommandTree): string {
  return page.replaceAll(BLOCK, (_, name: string) => {
    const command = commands.find((each) => each.name === name);
    if (!command && name !== EVERY_COMMAND) throw new Error(`there is no command ${name}`);
    const text = command ? commandText(command) : optionTable(options);
    return `<!-- help of ${name} -->\n${text}<!-- end -->`;
  });
}

function commandText({ name, arguments: values, options, description }: CommandEntry): string {
  const words = values.map((each) => (each.isRequired ? `<${each.name}>` : `[${each.name}]`));
  const flags = options.length === 0 ? [] : ['[options]'];
  const choices = values
    .filter((each) => each.choices.length > 0)
    .map((each) => ` \`${each.name}\` is ${listOf(each.choices)}.`);
  return `\`\`\`text
lifeboat ${[name, ...words, ...flags].join(' ')}
\`\`\`

${sentence(description)}${choices.join('')}
${options.length === 0 ? '' : `\n${optionTable(options)}`}`;
}

function optionTable(options: readonly OptionEntry[]): string {
  const rows = options.map(({ flags, help }) => `| \`${cell(flags)}\` | ${cell(help)} |\n`);
  return `| option | meaning |\n|---|---|\n${rows.join('')}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

function listOf(choices: readonly string[]): string {
  const names = choices.map((choice) => `\`${choice}\``);
  return new Intl.ListFormat('en', { type: 'disjunction' }).format(names);
}
