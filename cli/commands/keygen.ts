import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { expandHome } from '../../core/config/home.ts';
import { generateKeys } from '../../core/format/keys.ts';
import { LifeboatError, systemCode } from '../../core/lib/errors.ts';
import { printResult } from '../output.ts';
import type { CommandContext } from './context.ts';

export function addKeygen(program: Command, { terminal, cwd, env }: CommandContext): void {
  program
    .command('keygen')
    .description('create an age identity, its recipient and a LIFEBOAT_KEY')
    .option(
      '--out <file>',
      'write them to a new file that only you can read, and print nothing secret',
    )
    .action(async ({ out }: { out?: string }) => {
      const keys = await generateKeys();
      const recipient = `# In lifeboat.yaml, under the database: encryption: { recipients: [${keys.recipient}] }\n`;
      const text = `# LIFEBOAT_IDENTITY decrypts your backups: keep two copies, away from the backups and from the machines that make them.
# Without it, nobody can restore encrypted backups. LIFEBOAT_KEY signs backups: set it wherever you make, check or restore them.
LIFEBOAT_IDENTITY=${keys.identity}
LIFEBOAT_KEY=${keys.key}
${recipient}`;
      const loud = { ...terminal, quiet: false };
      if (out === undefined) return printResult(loud, keys, text);
      const path = resolve(cwd, expandHome(out, env['HOME']));
      await writeSecret(path, text);
      printResult(
        loud,
        { path, recipient: keys.recipient },
        `Wrote ${path}: keep two copies of it in other places. Machines that only make backups need the key, but not the identity.\n${recipient}`,
      );
    });
}

/** Durable before the recipient is shown: a backup may be encrypted for it a moment later. */
async function writeSecret(path: string, text: string): Promise<void> {
  try {
    await using file = await open(path, 'wx', 0o600);
    await file.writeFile(text);
    await file.sync();
  } catch (cause) {
    if (systemCode(cause) === 'ENOSPC') throw cause;
    throw new LifeboatError(
      'usage',
      systemCode(cause) === 'EEXIST'
        ? `${path} already exists`
        : `${path} cannot be written (${systemCode(cause) ?? String(cause)})`,
      'Choose a new file in a folder that you can write to. Lifeboat never replaces existing keys.',
      { cause },
    );
  }
}
