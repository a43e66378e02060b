import { expect, test } from 'vitest';
import type { WatchCheck } from '../../core/documents/finding.ts';
import { pages } from './pages.ts';

// The type makes this list complete.
const CHECKS = Object.keys({
  store: true,
  late: true,
  missing: true,
  unconfigured: true,
  runs: true,
  inspection: true,
  salvage: true,
  'restore-test': true,
  key: true,
  holds: true,
  objects: true,
  clock: true,
  copies: true,
  schedule: true,
  bucket: true,
  place: true,
  space: true,
} satisfies Record<WatchCheck, true>);

test.each([
  ['docs/operations.md', '## Watch', '### Alarms of Google Cloud'],
  ['docs/notifications.md', '### Codes of the watch', '### Last good backup'],
])('%s explains every check of the watch', (name, from, to) => {
  const page = pages().get(name) ?? '';
  const section = page.slice(page.indexOf(`\n${from}\n`), page.indexOf(`\n${to}\n`));
  expect(section).not.toBe('');
  expect(CHECKS.filter((check) => !section.includes(`\`${check}\``))).toEqual([]);
});
