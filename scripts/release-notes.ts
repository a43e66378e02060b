import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The section of a version in a changelog, without its heading. Throws when there is none. */
export function releaseNotes(changelog: string, version: string): string {
  const sections = changelog.split(/^## /m);
  const section = sections.find((each) => each.split(/[\s[\]]+/).includes(version));
  if (section === undefined) throw new Error(`CHANGELOG.md has no section ${version}`);
  return `${section.slice(section.indexOf('\n')).trim()}\n`;
}

if (import.meta.main) {
  const changelog = readFileSync(join(import.meta.dirname, '..', 'CHANGELOG.md'), 'utf8');
  process.stdout.write(releaseNotes(changelog, process.argv[2] ?? ''));
}
