import { readFile } from 'node:fs/promises';

/** The version of this package, the only place that reads it. */
export async function packageVersion(): Promise<string> {
  const root = import.meta.url.endsWith('.ts') ? '../..' : '../../..';
  const text = await readFile(new URL(`${root}/package.json`, import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
