import { describe, expect, test } from 'vitest';
import type { DatabaseStatus, StatusDocument } from '../../core/documents/status.ts';
import { pageOfStatus } from '../../core/status/paging.ts';

const NAMES = ['blog', 'crm', 'shop', 'shop-test', 'wiki'];
const DOCUMENT = {
  version: 1,
  at: '2026-11-24T11:00:00.000Z',
  condition: 'failing',
  databases: NAMES.map((name) => ({ name, condition: name === 'crm' ? 'failing' : 'good' })),
} as unknown as StatusDocument;

const namesOf = ({ databases }: { databases: readonly DatabaseStatus[] }): string[] =>
  databases.map(({ name }) => name);

describe('a page of the status as JSON', () => {
  test('the pages together have every database once, in the order of their names', () => {
    const pages = [1, 2, 3].map((page) => pageOfStatus(DOCUMENT, { page }, 2));
    expect(pages.flatMap(namesOf)).toEqual(NAMES);
    expect(pages.map(({ paging }) => paging)).toEqual(
      [1, 2, 3].map((page) => ({ page, pages: 3, limit: 2, count: 5 })),
    );
  });

  test('a page beyond the last has no database, so that a loop ends', () => {
    expect(namesOf(pageOfStatus(DOCUMENT, { page: 4 }, 2))).toEqual([]);
  });

  test('filter and state select, and the condition stays that of all', () => {
    const good = pageOfStatus(DOCUMENT, { filter: 'SHOP', state: 'good' }, 10);
    expect([namesOf(good), good.condition, good.paging?.count]).toEqual([
      ['shop', 'shop-test'],
      'failing',
      2,
    ]);
  });

  test('no database at all is one empty page', () => {
    const { paging } = pageOfStatus({ ...DOCUMENT, databases: [] }, {}, 10);
    expect(paging).toEqual({ page: 1, pages: 1, limit: 10, count: 0 });
  });
});
