import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { drawDiagram } from '../../scripts/diagram/draw.ts';
import { parseDiagram } from '../../scripts/diagram/parse.ts';
import { ROOT } from './pages.ts';

const read = (name: string): string => readFileSync(join(ROOT, 'docs/images', name), 'utf8');

describe('the diagram of the data flow', () => {
  test.each(['light', 'dark'] as const)('is drawn from its text (%s)', (palette) => {
    expect(read(`data-flow-${palette}.svg`)).toBe(drawDiagram(read('data-flow.txt'), palette));
  });

  test('connects every box with another box', () => {
    const { nodes, edges } = parseDiagram(read('data-flow.txt'));
    const connected = new Set(edges.flatMap(({ from, to }) => [from.name, to.name]));
    expect(nodes.filter(({ name }) => !connected.has(name))).toEqual([]);
  });

  test.each([
    ['node a 0 0 circle A', 'line 1: unknown kind circle'],
    ['node a 0 0 step A\nedge a b', 'line 2: no node b'],
    ['box a', 'line 1: unknown keyword box'],
  ])('names the line that cannot be read: %j', (text, message) => {
    expect(() => parseDiagram(text)).toThrow(message);
  });
});
