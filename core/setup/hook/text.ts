import { readFileSync } from 'node:fs';
import { singleQuoted } from '../../lib/processes/shell.ts';

// The text of the hook is in part.sh, program.sh and wrapper.sh beside this file. Words in capitals
// are placeholders; shellcheck takes them for commands.
const BEGIN = '# >>> lifeboat >>>';
const END = '# <<< lifeboat <<<';
const PART = new RegExp(`^${BEGIN}[^]*?^${END}.*\\n?`, 'm');
const SHEBANG = /^#!.*\n?/;

/** The name under which a hook that is not a shell script is kept, beside ours. */
export const ASIDE = 'pre-push.before-lifeboat';

/** How the hook calls Lifeboat: by absolute paths, or by a command of the shell. */
export type Program =
  | { readonly node: string; readonly main: string }
  | { readonly command: string };

/**
 * Our part of a pre-push hook: runs `calls`, each the arguments of Lifeboat, and stops the push
 * when one fails. Leaves the hook's standard input unread.
 */
export function hookPart(program: Program, calls: readonly (readonly string[])[]): string {
  const backups = calls.map((args) => `lifeboat ${args.map(quote).join(' ')} >&2 || exit 1`);
  return fill(template('part.sh'), {
    DEFINE_LIFEBOAT: indented(definition(program)),
    RUN_BACKUPS: indented(backups.join('\n')),
  });
}

/** A word that the shell takes as it is. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : singleQuoted(word);
}

export function hasPart(text: string): boolean {
  return PART.test(text);
}

/** The hook with our part: instead of an older one, else before everything the hook does. */
export function withPart(text: string, part: string): string {
  // A function, because a path may contain what replace() takes for a pattern.
  if (hasPart(text)) return text.replace(PART, () => part);
  const [shebang = ''] = SHEBANG.exec(text) ?? [];
  return `${shebang}${shebang === '' || shebang.endsWith('\n') ? '' : '\n'}${part}${text.slice(shebang.length)}`;
}

/** The hook without our part; `undefined` when nothing is left that does something. */
export function withoutPart(text: string): string | undefined {
  const rest = text.replace(PART, '');
  return rest.replace(SHEBANG, '').trim() === '' ? undefined : rest;
}

/** A hook that then runs the one that was moved aside, with git's arguments, input and status. */
export function wrapper(part: string): string {
  const text = readFileSync(new URL('wrapper.sh', import.meta.url), 'utf8');
  return text.replace('PART\n', () => part);
}

/** Whether a hook is such a wrapper, without additions. */
export function isBareWrapper(text: string): boolean {
  return text === wrapper(PART.exec(text)?.[0] ?? '');
}

export function isWrapper(text: string): boolean {
  return hasPart(text) && text.includes(`/${ASIDE}"`);
}

/** Whether a hook is a shell script, to which our part can be added. */
export function isShell(text: string): boolean {
  return /^#! *\/\S*(?:\/(?:ba|da|k|z|a)?sh|\/env +(?:-S +)?(?:ba|da|k|z|a)?sh)\b/.test(text);
}

function definition(program: Program): string {
  if ('command' in program) return `lifeboat() { ${program.command} "$@"; }`;
  const { node, main } = program;
  return fill(template('program.sh'), { NODE: quote(node), MAIN: quote(main) }).trimEnd();
}

/** The file without its first line, which is for shellcheck. */
function template(name: string): string {
  const text = readFileSync(new URL(name, import.meta.url), 'utf8');
  return text.slice(text.indexOf('\n') + 1);
}

function fill(text: string, values: Readonly<Record<string, string>>): string {
  const placeholder = new RegExp(`\\b(?:${Object.keys(values).join('|')})\\b`, 'g');
  return text.replace(placeholder, (name) => values[name] ?? name);
}

/** All lines but the first, which the placeholder has indented. */
function indented(text: string): string {
  return text.replaceAll('\n', '\n  ');
}
