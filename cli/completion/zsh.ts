import type { ArgumentEntry, CommandTree, OptionEntry } from '../command-tree.ts';

/** The completion script for zsh: a file `_lifeboat` of `fpath`, or the argument of `eval`. */
export function zshCompletion({ options, commands }: CommandTree): string {
  return `#compdef lifeboat
# zsh completion for lifeboat, from \`lifeboat completion zsh\`

_lifeboat_databases() {
  local config=\${(Q)\${opt_args[--config]:-$lifeboat_config}}
  local -a names
  names=(\${(f)"$($lifeboat_program \${config:+--config} $config completion zsh --databases 2>/dev/null </dev/null)"})
  _describe -t databases database names || _files
}

_lifeboat_commands() {
  local -a commands
  commands=(
${commands.map(({ name, description }) => `    ${zshQuoted(`${name}:${description}`)}\n`).join('')}  )
  _describe -t commands command commands
}

_lifeboat() {
  local curcontext=$curcontext context state state_descr line
  local lifeboat_program=$words[1] lifeboat_config=''
  local -a globals
  typeset -A opt_args
  globals=(
${zshSpecs(options.flatMap(zshOption), 4)}  )
  _arguments -C $globals ': :_lifeboat_commands' '*:: :->command' && return
  if [[ $state != command ]]; then return 1; fi
  lifeboat_config=$opt_args[--config]
  case $line[1] in
${commands.map(({ name, ...command }) => `    ${name})\n      local -a specs=(\n${zshSpecs([...command.options.flatMap(zshOption), ...command.arguments.map(zshArgument)], 8)}      )\n      ;;\n`).join('')}    *) return 1 ;;
  esac
  _arguments $globals $specs
}

if [[ $funcstack[1] == _lifeboat ]]; then
  _lifeboat "$@"
else
  compdef _lifeboat lifeboat
fi
`;
}

function zshSpecs(specs: readonly string[], indent: number): string {
  return specs.map((spec) => `${' '.repeat(indent)}${zshQuoted(spec)}\n`).join('');
}

/** A specification for the long name, and one for the letter; neither is offered after the other. */
function zshOption(option: OptionEntry): string[] {
  const { short, long, isRepeatable, value, description } = option;
  const text = description.replaceAll(/[\\[\]:]/g, String.raw`\$&`);
  const action = value === undefined ? '' : `:${long.slice(2)}:${zshAction(option)}`;
  const rest = `${value === undefined ? '' : '='}[${text}]${action}`;
  if (short === undefined) return [`${isRepeatable ? '*' : ''}${long}${rest}`];
  return [`(${short})${long}${rest}`, `(${long})${short}[${text}]${action}`];
}

function zshArgument(argument: ArgumentEntry): string {
  return `${argument.isRequired ? ':' : '::'}${argument.name}:${zshAction(argument)}`;
}

function zshAction({ value, choices }: Pick<OptionEntry, 'value' | 'choices'>): string {
  if (choices.length > 0) return `(${choices.join(' ')})`;
  if (value === 'file') return '_files';
  if (value === 'command') return '_lifeboat_commands';
  return value === 'database' ? '_lifeboat_databases' : '';
}

function zshQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
