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
  chainsOf(history).map(({ base, incrementals }) => [
    base?.id,
    ...incrementals.map(({ id }) => id),
  ]);

describe('the chains of a list', () => {
  test.each([
    ['nothing', [], []],
    ['a full backup', [entry('f', null)], [['f']]],
    [
      'incrementals of incrementals',
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
      'an incremental whose base is older than the list',
      [entry('f', null), entry('b', 'gone')],
      [['f'], [undefined, 'b']],
    ],
    ['a circle', [entry('a', 'b'), entry('b', 'a')], [[undefined, 'a', 'b']]],
  ])('with %s', (_, history, chains) => expect(names(history)).toEqual(chains));
});

describe('the last failure', () => {
  const failure = { ...BUSY, at: '2026-11-23T00:00:00.000Z' };
  const [before, after] = ['2026-11-22T00:00:00.000Z', '2026-11-24T00:00:00.000Z'];
  const backup = (takenAt: string) => ({ ...template!, takenAt });
  test.each([
    ['does not exist when nothing failed', { ...blog(), lastFailure: null }, false],
    [
      'is current while the database is failing',
      { ...blog(), lastFailure: failure, lastBackup: backup(before) },
      true,
    ],
    [
      'is current while the database is failing, even after a later backup',
      { ...blog(), lastFailure: failure, lastBackup: backup(after) },
      true,
    ],
    [
      'is past when the database is good',
      { ...shop(), lastFailure: failure, lastBackup: backup(before) },
      false,
    ],
    [
      'is current when the database is late because of it',
      {
        ...shop(),
        condition: 'late' as const,
        lastFailure: failure,
        lastBackup: backup(before),
        lastRestoreTest: null,
      },
      true,
    ],
    [
      'is past after a later backup',
      { ...shop(), condition: 'late' as const, lastFailure: failure, lastBackup: backup(after) },
      false,
    ],
    [
      'is current when there never was a backup',
      {
        ...shop(),
        condition: 'missing' as const,
        lastFailure: failure,
        lastBackup: null,
        lastRestoreTest: null,
      },
      true,
    ],
  ])('%s', (_, database, current) => expect(currentFailure(database) !== undefined).toBe(current));
});
