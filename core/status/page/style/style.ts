import { readFileSync } from 'node:fs';

const FILES = ['colours', 'base', 'overview', 'database'];

let sheet: string | undefined;

/**
 * The style sheet in every page, read once. The content security policy allows exactly this text by
 * its hash.
 */
export function styleSheet(): string {
  sheet ??= FILES.map((name) =>
    minified(readFileSync(new URL(`./${name}.css`, import.meta.url), 'utf8')),
  ).join('');
  return sheet;
}

/** For these files only: they have no text in quotes that contains punctuation, and no `calc`. */
function minified(css: string): string {
  return css
    .replaceAll(/\/\*.*?\*\//gs, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ?([{};,>+]) ?/g, '$1')
    .replaceAll(/: /g, ':')
    .replaceAll(';}', '}')
    .replaceAll(/\b0\.(?=\d)/g, '.')
    .trim();
}
