import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawDiagram } from './diagram/draw.ts';

const IMAGES = join(import.meta.dirname, '..', 'docs', 'images');

const text = readFileSync(join(IMAGES, 'data-flow.txt'), 'utf8');
for (const palette of ['light', 'dark'] as const)
  writeFileSync(join(IMAGES, `data-flow-${palette}.svg`), drawDiagram(text, palette));
