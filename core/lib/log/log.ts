// One JSON object a line, the fields that each event has, and what hides secrets in both. Promises
// not to throw into the caller. Imports lib only.

import { pino } from 'pino';
import type { Logged } from './log-events.ts';
import type { Hide } from './redaction.ts';

export type Log = (severity: 'INFO' | 'WARNING' | 'ERROR', message: string, logged: Logged) => void;

export type LogOptions = {
  /** Takes one line with its line break. */
  readonly write: (line: string) => void;
  /**
   * In Google Cloud: labels for Cloud Logging, and errors in the form of Error Reporting.
   */
  readonly cloud?: {
    readonly service: string;
    readonly version: string;
    readonly trace: () => string | undefined;
  };
};

const LEVELS = { INFO: 'info', WARNING: 'warn', ERROR: 'error' } as const;
const LABELS = ['database', 'run', 'operation'] as const;
/** Fields that filters and metrics compare. */
const NAMES: ReadonlySet<string> = new Set([...LABELS, 'event', 'check', 'code', 'kind', 'step']);
// https://cloud.google.com/error-reporting/docs/formatting-error-messages
const REPORTED =
  'type.googleapis.com/google.devtools.clouderrorreporting.v1beta1.ReportedErrorEvent';

/**
 * One JSON object a line: severity, message, time, and the fields. docs/operations.md lists the
 * events.
 */
export function createLog({ write, cloud }: LogOptions): Log {
  const logger = pino(
    {
      base: null,
      messageKey: 'message',
      formatters: {
        level: (label) => ({ severity: label === 'warn' ? 'WARNING' : label.toUpperCase() }),
      },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
    },
    { write },
  );
  return (severity, message, { cause, ...fields }) => {
    const labels = cloud ? cloudFields(fields, cloud) : {};
    const reported = cloud && {
      '@type': REPORTED,
      serviceContext: { service: cloud.service, version: cloud.version },
    };
    // On a host, only a fault in Lifeboat needs its stack.
    const traced =
      severity === 'ERROR' &&
      (reported !== undefined || ('code' in fields && fields.code === 'internal'));
    logger[LEVELS[severity]](
      {
        ...fields,
        ...labels,
        ...(traced
          ? { ...reported, stack_trace: stackOf(message, cause ?? new Error(message)) }
          : {}),
      },
      message,
    );
  };
}

/** The log with hidden secrets: in the message and in every field but the names of things. */
export function redactedLog(log: Log, hide: Hide): Log {
  return (severity, message, logged) => {
    const fields = Object.entries(logged).map(([name, value]) => [
      name,
      typeof value === 'string' && !NAMES.has(name) ? hide(value) : value,
    ]);
    log(severity, hide(message), Object.fromEntries(fields) as Logged);
  };
}

/**
 * The fields that Cloud Logging takes out of the entry: labels, which are strings, and the trace,
 * which all lines of a request share.
 */
function cloudFields(
  fields: Record<string, unknown>,
  { service, trace }: NonNullable<LogOptions['cloud']>,
): Record<string, unknown> {
  const labels = Object.fromEntries(
    LABELS.flatMap((name) =>
      typeof fields[name] === 'string' ? [[name, fields[name]] as const] : [],
    ),
  );
  const traceId = trace();
  return {
    'logging.googleapis.com/labels': { ...labels, function: service },
    // A log line leaves out what is undefined.
    'logging.googleapis.com/trace': traceId,
  };
}

/**
 * Where the innermost cause was thrown. Only its frames: the messages of other programs may contain
 * data or secrets.
 */
function stackOf(message: string, thrown: unknown): string {
  let error = thrown;
  while (error instanceof Error && error.cause instanceof Error) error = error.cause;
  // The stack begins with the message, whose own lines may look like frames.
  const stack = error instanceof Error ? (error.stack ?? '').replace(error.message, '') : '';
  const frames = stack.split('\n').filter((line) => /^ {4}at /.test(line));
  return [`Error: ${message.split('\n', 1)[0]}`, ...frames].join('\n');
}
