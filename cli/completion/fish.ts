import type { ArgumentEntry, CommandEntry, CommandTree, OptionEntry } from '../command-tree.ts';

/** The completion script for fish 3 and newer. */
export function fishCompletion({ options, commands }: CommandTree): string {
  const names = commands.map(({ name }) => name);
  const valuePatterns = [
    ...options.filter(takesValue).map(({ long }) => `'* ${long}'`),
    ...commands.flatMap(({ name, options: own }) =>
      own.filter(takesValue).map(({ long }) => `'${name} ${long}'`),
    ),
  ];
  return `# fish completion for lifeboat, from \`lifeboat completion fish\`

# The command and its arguments before the cursor, without options and their values.
function __lifeboat_words
    set -l command ''
    set -l is_value 0
    for token in (commandline -opc)[2..-1]
        if test $is_value = 1
            set is_value 0
            continue
        end
        switch "$command $token"
            case ${valuePatterns.join(' ')}
                set is_value 1
                continue
        end
        if string match -q -- '-*' $token
            continue
        end
        if test -z "$command"
            set command $token
        end
        printf '%s\\n' $token
    end
end

function __lifeboat_in
    set -l words (__lifeboat_words)
    test "$words[1]" = "$argv[1]"
end

function __lifeboat_at
    set -l words (__lifeboat_words)
    test "$words[1]" = "$argv[1]"; and test (count $words) -eq $argv[2]
end

function __lifeboat_databases
    set -l tokens (commandline -opc)
    set -l config (string match -- '--config=*' $tokens)
    if set -l at (contains -i -- --config $tokens)
        set config --config $tokens[(math $at + 1)]
    end
    $tokens[1] $config completion fish --databases 2>/dev/null </dev/null
end

complete -c lifeboat -f
${options.map((option) => fishOption(option, '')).join('')}${commands.map((command) => fishCommand(command, names)).join('')}`;
}

function fishCommand(
  { name, description, arguments: values, options }: CommandEntry,
  names: readonly string[],
): string {
  const lines = values.map((argument, position) =>
    fishArgument(argument, names, { name, position }),
  );
  return `
complete -c lifeboat -n "__lifeboat_at '' 0" -a ${name} -d ${fishQuoted(description)}
${lines.join('')}${options.map((option) => fishOption(option, ` -n '__lifeboat_in ${name}'`)).join('')}`;
}

function fishArgument(
  { value, choices }: ArgumentEntry,
  names: readonly string[],
  { name, position }: { readonly name: string; readonly position: number },
): string {
  const offers = fishOffers({ value, choices: value === 'command' ? names : choices });
  if (offers === '') return '';
  return `complete -c lifeboat -n '__lifeboat_at ${name} ${position + 1}'${offers}\n`;
}

function fishOption(option: OptionEntry, condition: string): string {
  const { short, long, description } = option;
  const letter = short === undefined ? '' : ` -s ${short.slice(1)}`;
  const offers = fishOffers(option);
  // -x completes no files; -r and the -F of the offers do.
  const value = takesValue(option) ? ` ${offers.includes('-F') ? '-r' : '-x'}${offers}` : '';
  return `complete -c lifeboat${condition}${letter} -l ${long.slice(2)}${value} -d ${fishQuoted(description)}\n`;
}

function fishOffers({ value, choices }: Pick<OptionEntry, 'value' | 'choices'>): string {
  if (choices.length > 0) return ` -a '${choices.join(' ')}'`;
  if (value === 'file') return ' -F';
  return value === 'database' ? " -F -a '(__lifeboat_databases)'" : '';
}

function takesValue({ value }: OptionEntry): boolean {
  return value !== undefined;
}

function fishQuoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
}
