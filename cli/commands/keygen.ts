import type { Command } from 'commander';
import { generateKeys } from '../../core/format/keys.ts';
import { answer } from '../output.ts';
import type { Door } from './door.ts';

export function addKeygen(program: Command, { terminal }: Door): void {
  program
    .command('keygen')
    .description('make an age identity, its recipient and a LIFEBOAT_KEY')
    .action(async () => {
      const keys = await generateKeys();
      const text = `# Keep these two apart from the backups; without the identity nothing can be restored.\nLIFEBOAT_IDENTITY=${keys.identity}\nLIFEBOAT_KEY=${keys.key}\n# For lifeboat.yaml, under the database: encryption: { recipients: [${keys.recipient}] }\n`;
      answer({ ...terminal, quiet: false }, keys, text);
    });
}
