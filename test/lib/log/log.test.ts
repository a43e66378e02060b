import { describe, expect, test } from 'vitest';
import { createLog, type LogOptions } from '../../../core/lib/log/log.ts';

const logged = (
  cloud: LogOptions['cloud'],
  ...entry: Parameters<ReturnType<typeof createLog>>
): Record<string, unknown> => {
  const lines: string[] = [];
  createLog({ write: (line) => void lines.push(line), ...(cloud ? { cloud } : {}) })(...entry);
  expect(lines).toHaveLength(1);
  expect(lines[0]?.endsWith('\n')).toBe(true);
  return JSON.parse(lines[0] ?? '') as Record<string, unknown>;
};
const CLOUD = {
  service: 'backup',
  version: 'backup-00007',
  trace: () => 'projects/acme/traces/abc',
};

describe('a line of the log', () => {
  test.each(['INFO', 'WARNING', 'ERROR'] as const)(
    'has severity %s, message, time and the fields',
    (severity) => {
      expect(logged(undefined, severity, 'hello', { event: 'run', bytes: { size: 3 } })).toEqual({
        severity,
        message: 'hello',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        event: 'run',
        bytes: { size: 3 },
      });
    },
  );

  test('has string labels, the trace of the request and the function in Google Cloud', () => {
    expect(
      logged(CLOUD, 'INFO', 'hello', { event: 'run', database: 'shop', run: 'r1', durationMs: 3 }),
    ).toMatchObject({
      'logging.googleapis.com/labels': { database: 'shop', run: 'r1', function: 'backup' },
      'logging.googleapis.com/trace': 'projects/acme/traces/abc',
      durationMs: 3,
    });
    expect(
      logged({ ...CLOUD, trace: () => undefined }, 'INFO', 'hello', { event: 'ping' }),
    ).not.toHaveProperty('logging.googleapis.com/trace');
  });

  test('is an error for Error Reporting, with a stack, when its severity is ERROR', () => {
    expect(logged(CLOUD, 'ERROR', 'it failed', { event: 'record' })).toMatchObject({
      '@type': expect.stringContaining('ReportedErrorEvent'),
      serviceContext: { service: 'backup', version: 'backup-00007' },
      stack_trace: expect.stringMatching(/^Error: it failed\n {4}at /),
    });
    expect(logged(CLOUD, 'INFO', 'fine', { event: 'ping' })).not.toHaveProperty('@type');
  });

  test('has the frames of the innermost error, and only its own message', () => {
    const cause = new Error('outer', {
      cause: Object.assign(new Error('secret'), { stack: 'Error: secret\n    at deep (x.ts:1:1)' }),
    });
    const entry = logged(CLOUD, 'ERROR', 'it failed', { event: 'run', cause });
    expect(entry['stack_trace']).toBe('Error: it failed\n    at deep (x.ts:1:1)');
    expect(entry).not.toHaveProperty('cause');
  });

  test('has a stack on a host only for a fault in Lifeboat', () => {
    expect(logged(undefined, 'ERROR', 'no', { event: 'run', code: 'internal' })).toHaveProperty(
      'stack_trace',
    );
    expect(
      logged(undefined, 'ERROR', 'no', { event: 'run', code: 'source_busy' }),
    ).not.toHaveProperty('stack_trace');
  });

  test('stays one line, whatever it contains', () => {
    expect(logged(undefined, 'ERROR', 'a\nb\u2028', { event: 'ping', hint: '"}\n' })).toMatchObject(
      {
        message: 'a\nb\u2028',
        hint: '"}\n',
      },
    );
  });
});
