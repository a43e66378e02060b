import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

const LONGEST_NAME = 60;

/** The processes that /proc shows; none where there is no /proc. */
export function processIds(): number[] {
  return namesIn('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/**
 * The open files of a process: descriptors in /proc by path. Empty for a process of another user,
 * unless this one runs as root.
 */
export function openFiles(pid: number): Map<string, string> {
  const folder = `/proc/${pid}/fd`;
  return new Map(
    namesIn(folder).flatMap((name): [string, string][] => {
      const descriptor = `${folder}/${name}`;
      try {
        return [[readlinkSync(descriptor), descriptor]];
      } catch {
        return [];
      }
    }),
  );
}

/**
 * The name of the program that a process runs, on one line; `undefined` where it is unknown. It is
 * what the program was started as: the kernel's own name of a Node process is `MainThread`.
 */
export function commandOf(pid: number): string | undefined {
  try {
    const [command = ''] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    const name = /^\S+$/.test(command) ? basename(command) : command;
    // A process chooses this name itself.
    return name.slice(0, LONGEST_NAME).replaceAll(/[^ -~]/g, '?') || undefined;
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
