import { describe, expect, test } from 'vitest';
import { chainsOf } from '../../../core/status/page/database/chains.ts';
import { currentFailure } from '../../../core/status/page/parts/failure.ts';
import { blog, BUSY, shop } from '../../support/status-document.ts';

const [template] = shop().history;
const entry = (id: string, parent: string | null) => ({
  ...template!,
  id,
  parent,
  kind: parent === null ? ('full' as const) : ('incremental' as const),
});
const names = (history: ReturnType<typeof entry>[]) =>
  chainsOf(history).map(({ base, increments }) => [base?.id, ...increments.map(({ id }) => id)]);

describe('the chains of a list', () => {
  test.each([
    ['nothing', [], []],
    ['a full backup', [entry('f', null)], [['f']]],
    [
      'increments of increments',
      [entry('c', 'b'), entry('b', 'f'), entry('f', null)],
      [['f', 'c', 'b']],
    ],
    [
      'two chains',
      [entry('g2', 'g'), entry('g', null), entry('f2', 'f'), entry('f', null)],
      [
        ['g', 'g2'],
        ['f', 'f2'],
      ],
    ],
    [
      'an increment whose base is older than the list',
      [entry('f', null), entry('b', 'gone')],
      [['f'], [undefined, 'b']],
    ],
    ['a circle', [entry('a', 'b'), entry('b', 'a')], [[undefined, 'a', 'b']]],
  ])('with %s', (_, history, chains) => expect(names(history)).toEqual(chains));
});

describe('the last failure', () => {
  const failed = { ...BUSY, at: '2026-11-23T00:00:00.000Z' };
  const [before, after] = ['2026-11-22T00:00:00.000Z', '2026-11-24T00:00:00.000Z'];
  const backup = (takenAt: string) => ({ ...template!, takenAt });
  test.each([
    ['is none when nothing failed', { ...blog(), lastFailure: null }, false],
    ['counts while it fails', { ...blog(), lastFailure: failed, lastBackup: backup(before) }, true],
    [
      'counts while it fails, whatever came later',
      { ...blog(), lastFailure: failed, lastBackup: backup(after) },
      true,
    ],
    [
      'is past when all is good',
      { ...shop(), lastFailure: failed, lastBackup: backup(before) },
      false,
    ],
    [
      'counts when late for it',
      {
        ...shop(),
        condition: 'late' as const,
        lastFailure: failed,
        lastBackup: backup(before),
        lastRestoreTest: null,
      },
      true,
    ],
    [
      'is past when a backup came since',
      { ...shop(), condition: 'late' as const, lastFailure: failed, lastBackup: backup(after) },
      false,
    ],
    [
      'counts when there never was a backup',
      {
        ...shop(),
        condition: 'missing' as const,
        lastFailure: failed,
        lastBackup: null,
        lastRestoreTest: null,
      },
      true,
    ],
  ])('%s', (_, database, counts) => expect(currentFailure(database) !== undefined).toBe(counts));
});
