import { shellWord } from '../../../lib/processes/shell.ts';

/** A name as the last argument of a command: one that begins with a dash is no option. */
export function commandWord(name: string): string {
  return name.startsWith('-') ? `-- ${shellWord(name)}` : shellWord(name);
}
