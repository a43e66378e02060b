const LETTERS = { quiet: 'q', verbose: 'v' } as const;

/**
 * Whether a command line has one of the global flags. Read before it is parsed, because an error in
 * the command line and the log must heed it, too.
 */
export function hasFlag(args: readonly string[], flag: keyof typeof LETTERS): boolean {
  return args.some(
    (each) => each === `--${flag}` || (/^-[a-z]+$/i.test(each) && each.includes(LETTERS[flag])),
  );
}
