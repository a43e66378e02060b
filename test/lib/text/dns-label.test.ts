import { expect, test } from 'vitest';
import { dnsLabel } from '../../../core/lib/text/dns-label.ts';

test.each([
  ['shop', 'shop'],
  ['a-b-1', 'a-b-1'],
  ['x'.repeat(30), 'x'.repeat(30)],
  ['Shop', 'shop-3c9b18'],
  ['a_b', 'a-b-4e60ff'],
  ['a-', 'a--9e6d44'],
])('%s is the label %s', (name, label) => {
  expect(dnsLabel(name).replace(/-[0-9a-f]{6}$/, '')).toBe(label.replace(/-[0-9a-f]{6}$/, ''));
});

test('names that differ have labels that differ, and every label is one', () => {
  const names = [
    'a_b',
    'a-b',
    'A_b',
    'a-',
    'a_',
    'x'.repeat(31),
    'x'.repeat(32),
    `${'x'.repeat(62)}_`,
  ];
  const labels = names.map(dnsLabel);
  expect(new Set(labels).size).toBe(names.length);
  for (const label of labels) expect(label).toMatch(/^[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?$/);
});
