import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { releaseNotes } from '../../scripts/release-notes.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

describe('release notes', () => {
  const changelog =
    '# Changelog\n\n## Unreleased\n\n- new\n\n## [0.2.0] - 2026-12-01\n\n### Added\n- two\n\n## 0.1.0\n\n- one\n';

  test.each([
    ['0.2.0', '### Added\n- two\n'],
    ['0.1.0', '- one\n'],
  ])('of %s are its section of the changelog', (version, notes) => {
    expect(releaseNotes(changelog, version)).toBe(notes);
  });

  test('of a version without a section are an error', () => {
    expect(() => releaseNotes(changelog, '0.2')).toThrow('CHANGELOG.md has no section 0.2');
  });
});

describe('workflows', () => {
  const workflows = [
    ...readdirSync(join(root, '.github', 'workflows')).map((name) => `.github/workflows/${name}`),
    'examples/github-actions.yml',
  ];

  test.each(workflows)('%s uses every action by its commit, with the version beside it', (path) => {
    const actions = [...read(path).matchAll(/uses: (.*)/g)].map(([, use = '']) => use);
    expect(actions.length).toBeGreaterThan(0);
    for (const use of actions)
      expect(use).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test('the release audits dependencies and checks images, and ships an SBOM and provenance', () => {
    const { jobs } = parse(read('.github/workflows/release.yml')) as {
      jobs: Record<string, { steps: { run?: string }[] }>;
    };
    const commandsOf = (job: string) => jobs[job]?.steps.flatMap(({ run = '' }) => run).join('\n');
    for (const command of ['npm run audit', 'npm run images -- --check', 'npm sbom --omit=dev'])
      expect(commandsOf('package')).toContain(command);
    expect(commandsOf('publish')).toMatch(/npm publish --provenance[^]*lifeboat\.cdx\.json/);
  });

  test('the release runs scripts that exist, with no right to write but in the job that publishes', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const text = read('.github/workflows/release.yml');
    for (const [, name = ''] of text.matchAll(/npm run (\w+)/g))
      expect(scripts).toHaveProperty(name);
    const { permissions, jobs } = parse(text) as {
      permissions: object;
      jobs: Record<string, { permissions?: object; if?: string }>;
    };
    expect(permissions).toEqual({ contents: 'read' });
    expect(Object.keys(jobs)).toEqual(['package', 'publish']);
    expect(jobs['package']?.permissions).toBeUndefined();
    expect(jobs['publish']?.if).toBe("vars.PUBLISH == 'yes'");
    expect(text).not.toContain('secrets.');
  });
});
