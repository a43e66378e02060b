import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LOG_EVENTS } from '../../../core/lib/log/log-events.ts';

test('docs/operations.md lists every event of the log with when and with all of its fields', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/operations.md'), 'utf8');
  const section = page.slice(page.indexOf('\n## Logs'), page.indexOf('\n## Space'));
  const rows = [...section.matchAll(/^\| `([a-z-]+)` \| (.+) \| (.+) \|$/gm)].map(
    ([, event, when, fields]) => ({ event, when, fields }),
  );
  expect(rows).toEqual(
    Object.entries(LOG_EVENTS).map(([event, { when, fields }]) => ({
      event,
      when,
      fields: fields.map((name) => `\`${name}\``).join(', '),
    })),
  );
});
