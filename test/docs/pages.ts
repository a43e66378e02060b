import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..', '..');

/** Every documentation page, by its path in the project. */
export const pages = (): ReadonlyMap<string, string> => {
  const within = (folder: string): string[] =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
      join(folder, name),
    );
  const names = [
    ...readdirSync(ROOT),
    ...within('docs'),
    ...within('infra'),
    ...within('examples'),
  ].filter((name) => name.endsWith('.md'));
  return new Map(names.map((name) => [name, readFileSync(join(ROOT, name), 'utf8')]));
};
