import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonSchema } from '../core/config/schema.ts';
import { withTables } from './key-table.ts';

// The editors' schema and the tables of the page; a test says when they are older than the
// definition.
const docs = join(import.meta.dirname, '..', 'docs');
const schema = jsonSchema();
writeFileSync(join(docs, 'lifeboat.schema.json'), `${JSON.stringify(schema, null, 2)}\n`);
const page = join(docs, 'configuration.md');
writeFileSync(page, withTables(readFileSync(page, 'utf8'), schema));
