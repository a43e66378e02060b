import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { webhookSignature } from '../../core/notify/channel/webhook.ts';

test('the Python code in docs/notifications.md accepts genuine requests only', () => {
  const page = readFileSync(
    join(import.meta.dirname, '..', '..', 'docs', 'notifications.md'),
    'utf8',
  );
  const code = /```python\n([^]*?)```/.exec(page)?.[1] ?? '';
  const [secret, body, time] = ['a secret', JSON.stringify({ text: 'ção' }), '1795500000'];
  const good = {
    'x-lifeboat-timestamp': time,
    'x-lifeboat-signature': webhookSignature(secret, time, body),
  };
  const cases: [string, Record<string, string>, string, number][] = [
    [secret, good, body, 1795500300],
    [secret, good, body, 1795500301],
    ['another', good, body, 1795500000],
    [secret, good, `${body} `, 1795500000],
    [secret, {}, body, 1795500000],
  ];
  const script = `${code}\nimport json, sys\nprint(json.dumps([is_genuine(s, h, b.encode(), n) for s, h, b, n in json.load(sys.stdin)]))\n`;
  const { stdout, stderr } = spawnSync('python3', ['-c', script], {
    input: JSON.stringify(cases),
    encoding: 'utf8',
  });
  expect(JSON.parse(stdout || '0'), stderr).toEqual([true, false, false, false, false]);
});
