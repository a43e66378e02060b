import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lifeboatCommands } from './man/commands.ts';
import { manPage } from './man/page.ts';

// A test fails when the page is older than the commands.
writeFileSync(join(import.meta.dirname, '../docs/lifeboat.1'), manPage(lifeboatCommands()));
