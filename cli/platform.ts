type PlatformProblem = { readonly error: string; readonly hint: string };

const LEAST_NODE = 24;
/** What needs neither POSIX paths and modes nor a store that flushes folders. */
const WORK_ON_WINDOWS = ['trigger', 'keygen', 'help', '--help', '-h', '--version', '-V'];

/** Why Lifeboat cannot run this command line here; undefined when it can. */
export function platformProblem(
  { platform, version }: { readonly platform: string; readonly version: string },
  args: readonly string[],
): PlatformProblem | undefined {
  // An older Node has no stable node:sqlite and would fail in the middle of a command.
  if (Number(version.split('.')[0]) < LEAST_NODE)
    return {
      error: `Node ${version} is too old`,
      hint: `Install Node ${LEAST_NODE} or newer from nodejs.org.`,
    };
  if (platform !== 'win32' || args.length === 0) return undefined;
  if (args.some((arg) => WORK_ON_WINDOWS.includes(arg))) return undefined;
  return {
    error: 'Lifeboat does not run on Windows',
    hint: 'Run it in WSL 2 (`wsl --install`), with the database and the store on its own disk: docs/platforms.md.',
  };
}
