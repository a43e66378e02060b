import type { ArgumentEntry, CommandTree, OptionEntry } from '../command-tree.ts';

/** What may stand at one place of a command line: `backup --kind`, or `backup 0` for an argument. */
type CompletionSlot = { readonly pattern: string } & Pick<
  OptionEntry | ArgumentEntry,
  'value' | 'choices'
>;

/**
 * The completion script for bash 3.2 (macOS) and newer. Where the script offers nothing, bash 3
 * completes the names of files; from bash 4 on, the script turns that off.
 */
export function bashCompletion(tree: CommandTree): string {
  return `# bash completion for lifeboat, from \`lifeboat completion bash\`

_lifeboat_databases() {
  if [[ -n $2 ]]; then set -- "$1" --config "$2"; else set -- "$1"; fi
  "$@" completion bash --databases 2>/dev/null </dev/null
}

_lifeboat() {
  local current=\${COMP_WORDS[COMP_CWORD]}
  local command='' option='' config='' files='' words='' word='' position=0 i
  COMPREPLY=()
${readWords(optionSlots(tree))}
  if [[ $current == '=' ]]; then current=''; fi
  if [[ -z $option && $current == -* ]]; then
    case $command in
${flagCases(tree)}
    esac
  else
    case "$command \${option:-$position}" in
${slotCases(tree)}
    esac
  fi
  while IFS= read -r word; do
    COMPREPLY+=("$word")
  done < <(compgen -W "$words" -- "$current")
  if [[ -z $files ]]; then compopt +o default 2>/dev/null; fi
  return 0
}

complete -o default -F _lifeboat lifeboat
`;
}

/** The loop over the words before the cursor. */
function readWords(slots: readonly CompletionSlot[]): string {
  return `  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    # bash splits --kind=full into three words.
    if [[ $word == '=' ]]; then continue; fi
    if [[ -n $option ]]; then
      if [[ $option == --config ]]; then config=$word; fi
      option=''
      continue
    fi
    case "$command $word" in
      ${slots.map(({ pattern }) => pattern).join(' | ')})
        option=$word
        continue
        ;;
    esac
    if [[ $word == -* ]]; then continue; fi
    if [[ -z $command ]]; then command=$word; else position=$((position + 1)); fi
  done`;
}

function flagCases({ options, commands }: CommandTree): string {
  const flags = (entries: readonly OptionEntry[]): string =>
    [...options, ...entries].map(({ long }) => long).join(' ');
  return [...commands, { name: '*', options: [] }]
    .map(({ name, options: own }) => `      ${name}) words='${flags(own)}' ;;`)
    .join('\n');
}

function slotCases(tree: CommandTree): string {
  const names = tree.commands.map(({ name }) => name);
  const argumentSlots = tree.commands.flatMap(({ name, arguments: own }) =>
    own.map((argument, position) => ({ ...argument, pattern: `'${name} ${position}'` })),
  );
  const slots: CompletionSlot[] = [
    { pattern: `' 0'`, value: 'command', choices: [] },
    ...optionSlots(tree),
    ...argumentSlots,
  ];
  const byAction = Map.groupBy(slots, (slot) => bashAction(slot, names));
  byAction.delete('');
  return [...byAction]
    .map(
      ([action, each]) => `      ${each.map(({ pattern }) => pattern).join(' | ')}) ${action} ;;`,
    )
    .join('\n');
}

function optionSlots({ options, commands }: CommandTree): CompletionSlot[] {
  const slots = (
    entries: readonly OptionEntry[],
    pattern: (long: string) => string,
  ): CompletionSlot[] =>
    entries
      .filter(({ value }) => value !== undefined)
      .map(({ long, value, choices }) => ({ pattern: pattern(long), value, choices }));
  return [
    ...slots(options, (long) => `*' ${long}'`),
    ...commands.flatMap(({ name, options: own }) => slots(own, (long) => `'${name} ${long}'`)),
  ];
}

function bashAction({ value, choices }: CompletionSlot, commands: readonly string[]): string {
  const words = value === 'command' ? commands : choices;
  if (words.length > 0) return `words='${words.join(' ')}'`;
  if (value === 'file') return 'files=1';
  return value === 'database'
    ? `files=1 words=$(_lifeboat_databases "\${COMP_WORDS[0]}" "$config")`
    : '';
}
