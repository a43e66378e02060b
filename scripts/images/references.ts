import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A container image that a file names, as it stands there. */
export type ImageReference = { readonly file: string; readonly image: string };

const FILES = [
  'cloudbuild.yaml',
  'examples/**/*.{yaml,yml}',
  '.github/workflows/*.{yaml,yml}',
  '**/Dockerfile*',
];
/** A step of Cloud Build has its image in `name`, behind the `id`; workflows have labels there. */
const CLOUD_BUILD = /^ +name: (\S+)$/gm;
const OTHERS = /^ *(?:- )?(?:image: |container: |uses: docker:\/\/|FROM )(\S+)/gm;
const PINNED = /@sha256:[0-9a-f]{64}$/;

/** Every image that the build, the workflows and the examples run. */
export function imageReferences(root: string): ImageReference[] {
  const files = FILES.flatMap((pattern) =>
    globSync(pattern, { cwd: root, exclude: (name) => /^(node_modules|dist)$/.test(name) }),
  );
  return files.sort().flatMap((file) => {
    const pattern = /cloudbuild/.test(file) ? CLOUD_BUILD : OTHERS;
    const text = readFileSync(join(root, file), 'utf8');
    return [...text.matchAll(pattern)].map(([, image = '']) => ({ file, image }));
  });
}

/** Whether the name means one content for ever. */
export function isPinned({ image }: ImageReference): boolean {
  return PINNED.test(image);
}

/** The image by its tag, which people read, and its digest, which decides. */
export function pinned(image: string, digest: string): string {
  return `${image.replace(/@.*$/, '')}@${digest}`;
}
