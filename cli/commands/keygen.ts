import type { Command } from 'commander';
import { generateKeys } from '../../core/format/keys.ts';
import { printResult } from '../output.ts';
import type { CommandContext } from './context.ts';

export function addKeygen(program: Command, { terminal }: CommandContext): void {
  program
    .command('keygen')
    .description('create an age identity, its recipient and a LIFEBOAT_KEY')
    .action(async () => {
      const keys = await generateKeys();
      const text = `# Keep both away from the backups. Without the identity, encrypted backups cannot be restored.
LIFEBOAT_IDENTITY=${keys.identity}
LIFEBOAT_KEY=${keys.key}
# In lifeboat.yaml, under the database: encryption: { recipients: [${keys.recipient}] }
`;
      printResult({ ...terminal, quiet: false }, keys, text);
    });
}
