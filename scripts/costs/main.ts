import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withCosts } from './page.ts';

// A test says when the table is older than the prices, the assumptions or the retention policy.
const page = join(import.meta.dirname, '..', '..', 'docs', 'costs.md');
writeFileSync(page, withCosts(readFileSync(page, 'utf8')));
