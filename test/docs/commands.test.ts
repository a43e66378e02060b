import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../../cli/program.ts';
import { pages, ROOT } from './pages.ts';
import type { Setup } from '../../cli/setup.ts';

const helpOf = async (...command: string[]): Promise<string> => {
  let text = '';
  const setup: Setup = {
    streams: {
      out: (part) => void (text += part),
      err: () => undefined,
      progress: () => undefined,
      terminal: false,
      columns: 200,
    },
    version: '0.0.0',
    colours: false,
    outColours: false,
    hide: (text) => text,
    signal: new AbortController().signal,
    env: {},
    cwd: '/',
    open: () => Promise.reject(new Error('help opens nothing')),
  };
  expect(await run([...command, '--help'], setup)).toBe(0);
  return text;
};
const flagsOf = (text: string): Set<string> => new Set(text.match(/--[a-z][a-z-]*/g));

/** The code on a page, line by line: fenced, indented or within a sentence. */
const codeOf = (page: string): string[] => {
  const fenced = [...page.matchAll(/```\w*\n([\s\S]*?)```/g)].flatMap(([, block = '']) =>
    block.replaceAll('\\\n', ' ').split('\n'),
  );
  const rest = page.replaceAll(/```[\s\S]*?```/g, '');
  const indented = rest.split('\n').filter((line) => /^ {4,}\S/.test(line));
  const inline = [...rest.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
  return [...fenced, ...indented, ...inline];
};

const readExample = (name: string) =>
  [`examples/${name}`, readFileSync(join(ROOT, 'examples', name), 'utf8').split('\n')] as const;

test('every command of Lifeboat in the docs exists, with every option that is used there', async () => {
  const top = await helpOf();
  const globals = flagsOf(top);
  const commands = new Set(
    [...top.matchAll(/^ {2}([a-z][a-z-]*)[ \n]/gm)].map(([, name = '']) => name),
  );
  expect(commands.size).toBeGreaterThan(10);
  const known = new Map<string, Set<string>>();
  const wrong: string[] = [];
  let seen = 0;
  const examples = ['deploy.sh', 'github-actions.yml', 'cloudbuild-step.yaml'].map((name) =>
    readExample(name),
  );
  for (const [name, lines] of [
    ...[...pages()].map(([name, page]) => [name, codeOf(page)] as const),
    ...examples,
  ])
    for (const line of lines)
      for (const [, words = ''] of line.matchAll(
        /(?:^|[\s;&|(`/$]|npx )lifeboat ((?:--[a-z-]+ \S+ )*[a-z][^|;&)`#<>]*)/g,
      )) {
        const command =
          words
            .trim()
            .split(/\s+/)
            .find((word, at, all) => !word.startsWith('--') && !all[at - 1]?.startsWith('--')) ??
          '';
        if (!/^[a-z][a-z-]*$/.test(command)) continue;
        seen += 1;
        if (!commands.has(command)) {
          wrong.push(`${name}: lifeboat ${command}`);
          continue;
        }
        const flags = known.get(command) ?? flagsOf(await helpOf(command));
        known.set(command, flags);
        for (const flag of flagsOf(words))
          if (!flags.has(flag) && !globals.has(flag))
            wrong.push(`${name}: lifeboat ${command} ${flag}`);
      }
  expect(seen).toBeGreaterThan(40);
  expect(wrong).toEqual([]);
});
