import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lockOf, type Lock, type Manifest } from './package/lock.ts';

// npm publishes no package-lock.json, so an installation would resolve some 270 packages anew. With
// a shrinkwrap it gets the versions and digests that were tested. `npm pack` runs this first.
const root = join(import.meta.dirname, '..');
function read(name: string): unknown {
  return JSON.parse(readFileSync(join(root, name), 'utf8'));
}
const manifest = read('package.json') as Manifest & { engines: Record<string, string> };
const lock = lockOf(manifest, manifest.engines, read('package-lock.json') as Lock);
writeFileSync(join(root, 'npm-shrinkwrap.json'), `${JSON.stringify(lock, null, 2)}\n`);
