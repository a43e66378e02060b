import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lifeboatCommands } from '../../scripts/man/commands.ts';
import { manPage } from '../../scripts/man/page.ts';
import { ROOT } from './pages.ts';

const page = readFileSync(join(ROOT, 'docs/lifeboat.1'), 'utf8');

test('the man page is current; `npm run man` writes it', () => {
  expect(page).toBe(manPage(lifeboatCommands()));
});

test('the man page is in the package, where npm links it', () => {
  const { man, files } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    man: string;
    files: string[];
  };
  expect([man, files.includes('docs')]).toEqual(['docs/lifeboat.1', true]);
});

test('every line of the man page is text or a request that man programs know', () => {
  const requests = [...page.matchAll(/^([.'].*?)(?:\s|$)/gm)].map(([, request]) => request);
  const known = [
    '.\\"',
    '.TH',
    '.SH',
    '.SS',
    '.TP',
    '.PP',
    '.RS',
    '.RE',
    '.B',
    '.BR',
    '.I',
    '.EX',
    '.EE',
  ];
  expect(requests.filter((each) => !known.includes(each ?? ''))).toEqual([]);
});

test('the man page lists every exit status of the help', () => {
  const statuses = [...page.matchAll(/^\.B (\d+)$/gm)].map(([, status]) => Number(status));
  expect(statuses).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 130]);
});
