import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { imageReferences, isPinned, pinned } from './references.ts';
import { digestOf, placeOf } from './registry.ts';

// A tag may mean another image tomorrow, with the rights of the build. `npm run images` writes the
// present digest of every image behind its tag; with --check it fails when a digest is missing.
const root = join(import.meta.dirname, '..', '..');
const references = imageReferences(root);
process.exitCode = process.argv.includes('--check') ? check() : await pin();

function check(): number {
  const movable = references.filter((each) => !isPinned(each));
  for (const { file, image } of movable)
    process.stdout.write(`${file}: ${image} has no digest; run \`npm run images\`\n`);
  return movable.length === 0 ? 0 : 1;
}

async function pin(): Promise<number> {
  const digests = new Map<string, string>();
  for (const image of new Set(references.map((each) => each.image))) {
    try {
      digests.set(image, await digestOf(placeOf(image)));
    } catch (error) {
      const { message, cause } = error as Error;
      const reason = cause instanceof Error ? cause.message : message;
      process.stderr.write(`error: no digest for ${image}: ${reason}\n`);
    }
  }
  for (const { file, image } of references) {
    const digest = digests.get(image);
    if (digest === undefined) continue;
    const text = readFileSync(join(root, file), 'utf8');
    writeFileSync(join(root, file), text.replaceAll(image, pinned(image, digest)));
    process.stdout.write(`${file}: ${pinned(image, digest)}\n`);
  }
  return digests.size === new Set(references.map((each) => each.image)).size ? 0 : 1;
}
