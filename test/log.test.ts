import { describe, expect, test } from 'vitest';
import { createLog, type LogOptions } from '../core/log.ts';

const logged = (cloud: LogOptions['cloud'], ...entry: Parameters<ReturnType<typeof createLog>>): Record<string, unknown> => {
  const lines: string[] = [];
  createLog({ write: (line) => void lines.push(line), ...(cloud ? { cloud } : {}) })(...entry);
  expect(lines).toHaveLength(1);
  expect(lines[0]?.endsWith('\n')).toBe(true);
  return JSON.parse(lines[0] ?? '') as Record<string, unknown>;
};
const CLOUD = { service: 'backup', version: 'backup-00007', trace: () => 'projects/acme/traces/abc' };

describe('a line of the log', () => {
  test.each(['INFO', 'WARNING', 'ERROR'] as const)('has severity %s, message, time and the fields', (severity) => {
    expect(logged(undefined, severity, 'hello', { event: 'run', bytes: { size: 3 } })).toEqual({
      severity,
      message: 'hello',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      event: 'run',
      bytes: { size: 3 },
    });
  });

  test('in Google Cloud has labels that are strings, the trace of the request, and the function', () => {
    expect(logged(CLOUD, 'INFO', 'hello', { database: 'shop', run: 'r1', attempt: 3 })).toMatchObject({
      'logging.googleapis.com/labels': { database: 'shop', run: 'r1', function: 'backup' },
      'logging.googleapis.com/trace': 'projects/acme/traces/abc',
      attempt: 3,
    });
    expect(logged({ ...CLOUD, trace: () => undefined }, 'INFO', 'hello')).not.toHaveProperty('logging.googleapis.com/trace');
  });

  test('that is an error is one for Error Reporting, with a stack', () => {
    expect(logged(CLOUD, 'ERROR', 'it failed')).toMatchObject({
      '@type': expect.stringContaining('ReportedErrorEvent'),
      serviceContext: { service: 'backup', version: 'backup-00007' },
      stack_trace: expect.stringMatching(/^Error: it failed\n {4}at /),
    });
    expect(logged(CLOUD, 'INFO', 'fine')).not.toHaveProperty('@type');
  });

  test('stays one line whatever is in it', () => {
    expect(logged(undefined, 'ERROR', 'a\nb\u2028', { detail: '"}\n' })).toMatchObject({ message: 'a\nb\u2028', detail: '"}\n' });
  });
});
