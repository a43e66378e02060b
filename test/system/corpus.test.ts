import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LifeboatError } from '../../core/lib/errors.ts';
import { BACKUP, testApp } from '../support/app.ts';
import { useOwnProcesses, useSharedProcesses } from '../support/engine/processes.ts';
import { fingerprint, folder } from '../support/files.ts';

const corpora = join(import.meta.dirname, '..', 'corpora');
const [header = '', ...lines] = readFileSync(join(corpora, 'verdicts.tsv'), 'utf8')
  .trim()
  .split('\n');
const columns = header.split('\t');
const images = lines.map((line) =>
  Object.fromEntries(line.split('\t').map((value, at) => [columns[at] ?? '', value])),
);
/** One image in so many is judged by processes of its own, as in the product; the others share them. */
const SHARING = 10;

describe('damaged databases of the SQLite project', () => {
  test('are complete', () => {
    expect(images).toHaveLength(195);
  });

  test.each(
    images.map((verdicts, at) => [Object.values(verdicts)[0] ?? '', verdicts, at] as const),
  )(
    '%s: no crash, no hang, and never stored as sound when an engine finds damage',
    async (name, verdicts, at) => {
      (at % SHARING === 0 ? useOwnProcesses : useSharedProcesses)();
      const cwd = folder();
      copyFileSync(join(corpora, 'damaged', name), join(cwd, 'image.db'));
      const before = fingerprint(cwd);
      const app = await testApp({ cwd });
      const outcome = await app.backup('image.db', BACKUP).catch((error: unknown) => error);
      expect(fingerprint(cwd).filter((line) => line.startsWith('image'))).toEqual(before);
      if (outcome instanceof LifeboatError) {
        expect(outcome.exit, outcome.message).toBe(3);
        expect(await app.list('image')).toEqual([]);
      } else {
        const said = Object.values(verdicts).slice(2);
        const { verdict } = outcome as { verdict: string };
        // sql.js throws when it lacks a module, which says nothing about the file.
        if (verdict === 'ok') expect(['ok ok ok ok', 'ok ok err ok']).toContain(said.join(' '));
      }
    },
  );
});
