// Copies the files that the compiler leaves out (shell scripts, style sheets, the page on restoring) beside the compiled code.
import { cpSync, globSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = join(import.meta.dirname, '..');
const [target = join(root, 'dist')] = process.argv.slice(2);
for (const file of [...globSync('core/**/*.{sh,css}', { cwd: root }), 'docs/restore.md'])
  cpSync(join(root, file), join(resolve(target), file));
