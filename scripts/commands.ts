import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withHelp } from './commands/help-blocks.ts';
import { lifeboatCommands } from './man/commands.ts';

// A test fails when the page is older than the commands.
const page = join(import.meta.dirname, '../docs/commands.md');
writeFileSync(page, withHelp(readFileSync(page, 'utf8'), lifeboatCommands()));
