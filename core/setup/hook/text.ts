import { singleQuoted } from '../../lib/shell.ts';

const BEGIN = '# >>> lifeboat >>>';
const END = '# <<< lifeboat <<<';
const PART = new RegExp(`^${BEGIN}[^]*?^${END}.*\\n?`, 'm');
const SHEBANG = /^#!.*\n?/;

/** Where a hook that cannot be added to is kept, beside ours. */
export const ASIDE = 'pre-push.before-lifeboat';

/** How the hook calls Lifeboat. */
export type Program =
  /** Absolute paths, so that it works where PATH is bare. */
  | { readonly node: string; readonly main: string }
  /** Words of the shell that stand for `lifeboat`. */
  | { readonly command: string };

/** A word that the shell takes as it is. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : singleQuoted(word);
}

/**
 * Our part of a pre-push hook: runs `calls`, each the arguments of Lifeboat, and ends the push when
 * one fails. Leaves the hook's standard input unread.
 */
export function partOf(program: Program, calls: readonly (readonly string[])[]): string {
  return `${BEGIN} backs up before a push
# Written by \`lifeboat install-hook pre-push\`: run it again to change this part, with --remove to take it out.
(
  case "\${LIFEBOAT_SKIP:-0}" in 0) ;; *) echo 'lifeboat: LIFEBOAT_SKIP is set, so there is no backup before this push' >&2; exit 0 ;; esac
${chosen(program)}
${calls.map((args) => `  lifeboat ${args.map(quote).join(' ')} >&2 || exit 1`).join('\n')}
) </dev/null || {
  echo 'lifeboat: the push is stopped, because no backup was made before it. To push without one: git push --no-verify, or LIFEBOAT_SKIP=1' >&2
  exit 1
}
${END}
`;
}

export function hasPart(text: string): boolean {
  return PART.test(text);
}

/**
 * The hook with our part: in the place of an older one, else before all that the hook did already.
 */
export function withPart(text: string, part: string): string {
  // A function, since a path may hold what replace() takes for a pattern.
  if (hasPart(text)) return text.replace(PART, () => part);
  const [shebang = ''] = SHEBANG.exec(text) ?? [];
  return `${shebang}${shebang === '' || shebang.endsWith('\n') ? '' : '\n'}${part}${text.slice(shebang.length)}`;
}

/** The hook without our part; `undefined` when nothing is left that does something. */
export function withoutPart(text: string): string | undefined {
  const rest = text.replace(PART, '');
  return rest.replace(SHEBANG, '').trim() === '' ? undefined : rest;
}

/**
 * A hook of its own, which calls the one that was set aside with the arguments, the input and the
 * status that git gives and takes.
 */
export function wrapper(part: string): string {
  return `#!/bin/sh
${part}# The hook that was here before.
before="\${0%/*}/${ASIDE}"
[ ! -x "$before" ] || exec "$before" "$@"
`;
}

/** Whether a hook is such a wrapper, and nobody has added to it. */
export function isBareWrapper(text: string): boolean {
  return text === wrapper(PART.exec(text)?.[0] ?? '');
}

export function isWrapper(text: string): boolean {
  return hasPart(text) && text.includes(`/${ASIDE}"`);
}

/** Whether a hook can be added to: it is a script of the shell. */
export function isShell(text: string): boolean {
  return /^#! *\/\S*(?:\/(?:ba|da|k|z|a)?sh|\/env +(?:-S +)?(?:ba|da|k|z|a)?sh)\b/.test(text);
}

function chosen(program: Program): string {
  if ('command' in program) return `  lifeboat() { ${program.command} "$@"; }`;
  return `  node=${quote(program.node)} main=${quote(program.main)}
  [ -x "$node" ] || node=node
  if [ -f "$main" ] && command -v "$node" >/dev/null 2>&1; then
    lifeboat() { "$node" "$main" "$@"; }
  elif ! command -v lifeboat >/dev/null 2>&1; then
    echo "lifeboat: the push is stopped: $main is gone, and there is no lifeboat in PATH, so there would be no backup" >&2
    echo "hint: install Lifeboat and run \\\`lifeboat install-hook pre-push\\\` again; LIFEBOAT_SKIP=1 pushes without a backup" >&2
    exit 1
  fi`;
}
