import { describe, expect, test } from 'vitest';
import {
  formatAge,
  formatDate,
  formatLasting,
  formatList,
  formatNumber,
  formatRelative,
  formatSize,
  formatTime,
  formatTook,
} from '../../../core/lib/text/format.ts';

const en = { intl: 'en-GB', lessThanAMinute: 'less than a minute' };
const ptBr = { intl: 'pt-BR', lessThanAMinute: 'menos de um minuto' };

describe('figures', () => {
  test.each([
    [0, '0 B', '0 B'],
    [1023, '1,023 B', '1.023 B'],
    [1024, '1 KiB', '1 KiB'],
    [13_002_342, '12.4 MiB', '12,4 MiB'],
    [2 ** 40 * 2048, '2,048 TiB', '2.048 TiB'],
    [-1, '?', '?'],
  ])('%i bytes', (bytes, english, portuguese) =>
    expect([formatSize(en, bytes), formatSize(ptBr, bytes)]).toEqual([english, portuguese]),
  );

  test.each([
    [59_999, 'less than a minute', 'menos de um minuto'],
    [60_000, '1 minute', '1 minuto'],
    [7_200_000, '2 hours', '2 horas'],
    [86_400_000, '1 day', '1 dia'],
    [86_400_000 * 9.9, '9 days', '9 dias'],
  ])('%i ms ago', (ms, english, portuguese) =>
    expect([formatLasting(en, ms), formatLasting(ptBr, ms)]).toEqual([english, portuguese]),
  );

  test.each([
    [0, 'now'],
    [-59_999, 'now'],
    [-60_000, '1 min ago'],
    [60_000, 'in 1 min'],
    [-3_599_999, '59 min ago'],
    [-3_600_000, '1 h ago'],
    [-172_799_999, '47 h ago'],
    [-172_800_000, '2 days ago'],
    [31 * 86_400_000, 'in 31 days'],
  ])('shows a moment %i ms away as %s', (ms, text) => {
    expect(formatAge(ms)).toBe(text);
  });

  test.each([
    [0, '0 s'],
    [22.4, '22 ms'],
    [999, '999 ms'],
    [1449, '1.4 s'],
    [59_400, '59.4 s'],
    [59_600, '1 min'],
    [125_000, '2 min 5 s'],
    [11_520_000, '3 h 12 min'],
    [Number.NaN, '?'],
  ])('%f ms of work', (ms, text) => expect(formatTook(en, ms)).toBe(text));

  test.each([
    [
      '2026-11-24T02:30:00Z',
      'America/Sao_Paulo',
      '23 Nov 2026, 23:30 GMT-3',
      '23 de nov. de 2026, 23:30 BRT',
    ],
    [
      '2026-07-01T00:00:00Z',
      'Europe/Berlin',
      '1 Jul 2026, 02:00 CEST',
      '1 de jul. de 2026, 02:00 GMT+2',
    ],
    [
      '2026-11-24T02:30:00Z',
      'Nowhere/Else',
      '24 Nov 2026, 02:30 UTC',
      '24 de nov. de 2026, 02:30 UTC',
    ],
    ['not a time', 'UTC', 'not a time', 'not a time'],
  ])('%s in %s', (iso, zone, english, portuguese) =>
    expect([formatTime(en, iso, zone), formatTime(ptBr, iso, zone)]).toEqual([english, portuguese]),
  );

  test.each([
    [-59_999, 'now', 'agora'],
    [-60_000, '1 minute ago', 'há 1 minuto'],
    [-10_799_999, '2 hours ago', 'há 2 horas'],
    [86_400_000, 'in 1 day', 'em 1 dia'],
    [86_400_000 * 9.9, 'in 9 days', 'em 9 dias'],
  ])('%i ms from now', (ms, english, portuguese) =>
    expect([formatRelative(en, ms), formatRelative(ptBr, ms)]).toEqual([english, portuguese]),
  );

  test.each([
    [0, '0', '0'],
    [1_234_567, '1,234,567', '1.234.567'],
    [Number.NaN, '?', '?'],
  ])('the number %d', (value, english, portuguese) =>
    expect([formatNumber(en, value), formatNumber(ptBr, value)]).toEqual([english, portuguese]),
  );

  test('a date in its time zone', () => {
    expect([
      formatDate(en, '2026-11-24T02:30:00Z', 'America/Sao_Paulo'),
      formatDate(ptBr, '2026-11-24T02:30:00Z', 'UTC'),
    ]).toEqual(['23 Nov 2026', '24 de nov. de 2026']);
    expect([
      formatDate(en, 'never', 'UTC'),
      formatDate(en, '2026-11-24T02:30:00Z', 'Nowhere/Else'),
    ]).toEqual(['never', '24 Nov 2026']);
  });

  test('a list', () => {
    expect([
      formatList(en, ['a']),
      formatList(en, ['a', 'b', 'c']),
      formatList(ptBr, ['a', 'b', 'c']),
    ]).toEqual(['a', 'a, b and c', 'a, b e c']);
  });
});
