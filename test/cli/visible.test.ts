import fc from 'fast-check';
import { expect, test } from 'vitest';
import { run } from '../../cli/program.ts';
import type { Setup } from '../../cli/setup.ts';
import { visibleOutput } from '../../cli/visible.ts';
import type { App } from '../../core/app/app.ts';

test.each([
  ['moves the cursor', 'a\u001B[2Ab', String.raw`a\u001b[2Ab`],
  ['sets the title', '\u001B]0;x\u0007', String.raw`\u001b]0;x\u0007`],
  ['is a C1 control', '\u009B2J', String.raw`\u009b2J`],
  ['reorders text', 'a\u202Eb', String.raw`a\u202eb`],
  ['returns to the start of the line', 'a\rb', String.raw`a\u000db`],
])('writes out what %s', (_, text, expected) => {
  expect(visibleOutput(text)).toBe(expected);
});

test('keeps line feeds, tabs, other scripts and the own colours', () => {
  const text = 'São Paulo\tнет 🚣\n\u001B[31merror:\u001B[0m \u001B[32mgood\u001B[39m\n';
  expect(visibleOutput(text)).toBe(text);
});

test('JSON means the same', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(JSON.parse(visibleOutput(JSON.stringify({ text })))).toEqual({ text });
    }),
  );
});

test('an error with a hostile name does not reach the terminal as it is', async () => {
  let written = '';
  const setup: Setup = {
    streams: {
      out: (text) => void (written += text),
      err: (text) => void (written += visibleOutput(text)),
      progress: () => undefined,
      terminal: true,
      columns: 80,
    },
    version: '0.0.0',
    colours: true,
    outColours: true,
    hide: (text) => text,
    signal: new AbortController().signal,
    env: {},
    cwd: '/',
    open: async () =>
      ({ list: () => Promise.reject(new Error('no \u001B[1Atable')) }) as unknown as App,
  };
  expect(await run(['list'], setup)).toBe(1);
  expect(written).toContain(String.raw`no \u001b[1Atable`);
});
