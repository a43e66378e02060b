import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonSchema } from '../core/config/schema.ts';

// A test says when the file is older than the definition.
writeFileSync(join(import.meta.dirname, '..', 'docs', 'lifeboat.schema.json'), `${JSON.stringify(jsonSchema(), null, 2)}\n`);
