import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folder } from '../support/files.ts';

describe('the files beside the compiled code', () => {
  test('have the page on restoring, without which the script fails', () => {
    const root = folder();
    cpSync('scripts/copy-assets.mjs', join(root, 'scripts/copy-assets.mjs'));
    const copy = () => spawnSync(process.execPath, ['scripts/copy-assets.mjs'], { cwd: root });
    expect(copy().status).not.toBe(0);
    mkdirSync(join(root, 'docs'));
    writeFileSync(join(root, 'docs/restore.md'), '# Restore');
    expect(copy().status).toBe(0);
    expect(readFileSync(join(root, 'dist/docs/restore.md'), 'utf8')).toBe('# Restore');
  });

  test('reach the build of the container', () => {
    expect(readFileSync('Dockerfile', 'utf8')).toContain('\nCOPY docs/restore.md docs/\n');
    expect(readFileSync('.dockerignore', 'utf8').split('\n')).toContain('!docs/restore.md');
  });
});
