import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withHelp } from '../../scripts/commands/help-blocks.ts';
import { lifeboatCommands } from '../../scripts/man/commands.ts';
import { ROOT } from './pages.ts';

const page = readFileSync(join(ROOT, 'docs/commands.md'), 'utf8');

test('docs/commands.md has the help of today; `npm run commands` writes it', () => {
  expect(page).toBe(withHelp(page, lifeboatCommands()));
});

test('docs/commands.md has every command once, under a heading of its name', () => {
  const titles = [...page.matchAll(/^### `?(\S+?)`?\n\n<!-- help of (\S+) -->/gm)];
  const commands = lifeboatCommands().commands.map(({ name }) => name);
  expect(titles.map(([, title]) => title)).toEqual(titles.map(([, , name]) => name));
  const names = titles.map(([, title = '']) => title);
  expect(new Set(names).size).toBe(names.length);
  expect(new Set(names)).toEqual(new Set(commands.filter((name) => name !== 'help')));
});

test('a block of a command that does not exist is an error', () => {
  expect(() => withHelp('<!-- help of gone -->\n<!-- end -->', lifeboatCommands())).toThrow(
    'there is no command gone',
  );
});
