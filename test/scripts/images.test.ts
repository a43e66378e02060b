import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { imageReferences, isPinned, pinned } from '../../scripts/images/references.ts';
import { digestOf, placeOf } from '../../scripts/images/registry.ts';
import { startService } from '../fakes/http-service.ts';
import { folder } from '../support/files.ts';

const root = join(import.meta.dirname, '..', '..');
const DIGEST = `sha256:${'a'.repeat(64)}`;

describe('the images that builds run', () => {
  test('are found wherever they are named, and nothing else is', () => {
    const cwd = folder();
    mkdirSync(join(cwd, '.github/workflows'), { recursive: true });
    mkdirSync(join(cwd, 'examples/app'), { recursive: true });
    writeFileSync(join(cwd, 'cloudbuild.yaml'), 'steps:\n  - id: a\n    name: node:24\n');
    writeFileSync(
      join(cwd, '.github/workflows/ci.yml'),
      'name: ci\njobs:\n  a:\n    container: debian:13\n    services:\n      db:\n        image: redis\n    steps:\n      - name: Test\n      - uses: docker://alpine:3\n',
    );
    writeFileSync(join(cwd, 'examples/app/Dockerfile'), `FROM node:24@${DIGEST} AS build\n`);
    const references = imageReferences(cwd);
    expect(references.map(({ image }) => image)).toEqual([
      'debian:13',
      'redis',
      'alpine:3',
      'node:24',
      `node:24@${DIGEST}`,
    ]);
    expect(references.filter(isPinned).map(({ file }) => file)).toEqual([
      'examples/app/Dockerfile',
    ]);
  });

  test('of this repository are those of every Cloud Build step', () => {
    const text = ['cloudbuild.yaml', ...readdirSync(join(root, 'examples'))]
      .filter((name) => name.includes('cloudbuild'))
      .map((name) => readFileSync(join(root, name === 'cloudbuild.yaml' ? '' : 'examples', name)))
      .join('\n');
    const steps = text.match(/^ +- id: /gm)?.length;
    expect(imageReferences(root).filter(({ file }) => /cloudbuild/.test(file))).toHaveLength(
      steps ?? 0,
    );
  });

  test('keep their tag beside the digest, and get the new digest the next time', () => {
    expect(pinned('node:24', DIGEST)).toBe(`node:24@${DIGEST}`);
    expect(pinned(`node:24@sha256:${'b'.repeat(64)}`, DIGEST)).toBe(`node:24@${DIGEST}`);
  });
});

describe('a registry', () => {
  test.each([
    ['node:24-bookworm', 'https://registry-1.docker.io', 'library/node', '24-bookworm'],
    ['hashicorp/terraform:1.11.4', 'https://registry-1.docker.io', 'hashicorp/terraform', '1.11.4'],
    ['gcr.io/a.com/b/c:d', 'https://gcr.io', 'a.com/b/c', 'd'],
    [`localhost:5000/a@${DIGEST}`, 'https://localhost:5000', 'a', 'latest'],
  ])('has %s on %s', (image, origin, path, tag) => {
    expect(placeOf(image)).toEqual({ origin, path, tag });
  });

  test('gives the digest to anyone with its public token, and is not believed about it', async () => {
    const manifest = '{"schemaVersion": 2}';
    const digest = `sha256:${createHash('sha256').update(manifest).digest('hex')}`;
    let claimed = digest;
    const service = await startService(({ path, headers }) => {
      if (path.startsWith('/token?'))
        return {
          status: 200,
          body: JSON.stringify({ token: new URLSearchParams(path).get('scope') }),
        };
      if (headers.authorization !== 'Bearer pull:a')
        return {
          status: 401,
          headers: {
            'www-authenticate': `Bearer realm="${service.url}/token",service="s",scope="pull:a"`,
          },
        };
      return { status: 200, headers: { 'docker-content-digest': claimed }, body: manifest };
    });
    const place = { origin: service.url, path: 'a', tag: 'b' };
    expect(await digestOf(place)).toBe(digest);
    claimed = DIGEST;
    await expect(digestOf(place)).rejects.toThrow('is not what its digest says');
  });
});
