import { expect, test } from 'vitest';
import { platformProblem } from '../../cli/platform.ts';

test.each<[string, string, string[], string | undefined]>([
  ['linux', '24.1.0', ['backup', 'shop'], undefined],
  ['darwin', '26.0.0', ['backup', 'shop'], undefined],
  ['linux', '20.20.2', ['--version'], 'Node 20.20.2 is too old'],
  ['win32', '24.1.0', ['backup', 'shop'], 'Lifeboat does not run on Windows'],
  ['win32', '24.1.0', ['trigger', 'shop', '--url', 'https://example.com'], undefined],
  ['win32', '24.1.0', ['backup', '--help'], undefined],
  ['win32', '24.1.0', [], undefined],
])('on %s with Node %s, `lifeboat %s` has the problem %s', (platform, version, args, error) => {
  expect(platformProblem({ platform, version }, args)?.error).toBe(error);
});
