import { pino } from 'pino';
import type { Logged } from './log-events.ts';

export type Log = (severity: 'INFO' | 'WARNING' | 'ERROR', message: string, logged: Logged) => void;

export type LogOptions = {
  /** Takes one line with its line break. */
  readonly write: (line: string) => void;
  /**
   * In Google Cloud: labels that Cloud Logging lifts, and errors in the shape of Error Reporting.
   */
  readonly cloud?: {
    readonly service: string;
    readonly version: string;
    readonly trace: () => string | undefined;
  };
};

const LEVELS = { INFO: 'info', WARNING: 'warn', ERROR: 'error' } as const;
const LABELS = ['database', 'run', 'operation'] as const;
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
    const more = cloud ? lifted(fields, cloud) : {};
    const reported = cloud && {
      '@type': REPORTED,
      serviceContext: { service: cloud.service, version: cloud.version },
    };
    // Without a cloud only a fault of ours needs its stack.
    const traced =
      severity === 'ERROR' &&
      (reported !== undefined || ('code' in fields && fields.code === 'internal'));
    logger[LEVELS[severity]](
      {
        ...fields,
        ...more,
        ...(traced
          ? { ...reported, stack_trace: stackOf(message, cause ?? new Error(message)) }
          : {}),
      },
      message,
    );
  };
}

/**
 * What Cloud Logging takes out of the entry: labels are strings, the trace binds all lines of a
 * request together.
 */
function lifted(
  fields: Record<string, unknown>,
  { service, trace }: NonNullable<LogOptions['cloud']>,
): Record<string, unknown> {
  const labels = Object.fromEntries(
    LABELS.flatMap((name) =>
      typeof fields[name] === 'string' ? [[name, fields[name]] as const] : [],
    ),
  );
  const found = trace();
  return {
    'logging.googleapis.com/labels': { ...labels, function: service },
    ...(found === undefined ? {} : { 'logging.googleapis.com/trace': found }),
  };
}

/**
 * Where the innermost cause was thrown. Only its frames: what other programs say in their messages
 * may hold what is nobody's business.
 */
function stackOf(message: string, thrown: unknown): string {
  let error = thrown;
  while (error instanceof Error && error.cause instanceof Error) error = error.cause;
  const frames =
    error instanceof Error
      ? (error.stack ?? '').split('\n').filter((line) => /^ {4}at /.test(line))
      : [];
  return [`Error: ${message.split('\n', 1)[0]}`, ...frames].join('\n');
}
