import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lastingPath } from '../../core/setup/timer/program.ts';
import { folder } from '../support/files.ts';

/** A Node as Homebrew installs it, and a link to it in a folder of this name. */
function linkedNode(linkFolder: string) {
  const root = folder();
  const [cellar, older, bin] = ['Cellar/node/24.1.0', 'older', linkFolder].map((name) => {
    mkdirSync(join(root, name), { recursive: true });
    return join(root, name);
  }) as [string, string, string];
  writeFileSync(join(cellar, 'node'), '');
  writeFileSync(join(older, 'node'), '');
  symlinkSync('../Cellar/node/24.1.0/node', join(bin, 'node'));
  return { node: join(cellar, 'node'), link: join(bin, 'node'), bin, older };
}

test('timers name Node by the link in PATH, which an upgrade keeps', () => {
  const { node, link, bin, older } = linkedNode('bin');
  expect(lastingPath(node, 'node', `node_modules/.bin:${older}:/nowhere:${bin}`)).toBe(link);
});

test('timers name Node itself when no link in PATH leads to it', () => {
  const { node, older } = linkedNode('bin');
  expect(lastingPath(node, 'node', `${older}:`)).toBe(node);
});

test('timers name Node itself when the link is only for one session', () => {
  const { node, bin } = linkedNode('fnm_multishells');
  expect(lastingPath(node, 'node', bin)).toBe(node);
});
