import { CONDITIONS, type DatabaseStatus, type StatusDocument } from '../documents/status.ts';

/** https://prometheus.io/docs/instrumenting/exposition_formats/ */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

type Labels = Readonly<Record<string, string>>;
type Sample = { readonly labels: Labels; readonly value: number };
/** The samples of a database; none when the value is unknown. */
type Sampler = (database: DatabaseStatus, at: number) => number | null | undefined | Sample[];
type Metric = { readonly name: string; readonly help: string; readonly read: Sampler };
const OPERATIONS = ['backup', 'restore-test'] as const;

const METRICS: readonly Metric[] = [
  {
    name: 'condition',
    help: 'The condition of the database: 1 for the one that holds, 0 for the others.',
    read: ({ condition }) =>
      CONDITIONS.map((each) => ({ labels: { condition: each }, value: yes(each === condition) })),
  },
  {
    name: 'backup_fresh',
    help: 'Whether the newest backup is as recent as the schedule requires.',
    read: ({ fresh }) => yes(fresh),
  },
  {
    name: 'backup_last_success_timestamp_seconds',
    help: 'When the newest backup was taken.',
    read: ({ lastBackup }) => epochSeconds(lastBackup?.takenAt),
  },
  {
    name: 'backup_age_seconds',
    help: 'The age of the newest backup.',
    read: ({ lastBackup }, at) =>
      lastBackup && Math.max(0, at - (epochSeconds(lastBackup.takenAt) ?? at)),
  },
  {
    name: 'backup_size_bytes',
    help: 'The size of the database in its newest backup.',
    read: ({ lastBackup }) => lastBackup?.size,
  },
  {
    name: 'backup_stored_bytes',
    help: 'The size of the newest backup in the store.',
    read: ({ lastBackup }) => lastBackup?.storedBytes,
  },
  {
    name: 'backup_duration_seconds',
    help: 'How long the last successful backup took.',
    read: ({ lastBackupMs }) => (lastBackupMs === null ? null : lastBackupMs / 1000),
  },
  { name: 'backups', help: 'The number of backups.', read: ({ backups }) => backups },
  {
    name: 'stored_bytes',
    help: 'The size of all backups in the store.',
    read: ({ storedBytes }) => storedBytes,
  },
  {
    name: 'recent_runs_failed',
    help: 'How many of the last 90 runs failed.',
    read: ({ failedRuns }) =>
      OPERATIONS.map((operation) => ({ labels: { operation }, value: failedRuns[operation] })),
  },
  {
    name: 'last_failure_timestamp_seconds',
    help: 'When a run last failed.',
    read: ({ lastFailure }) => epochSeconds(lastFailure?.at),
  },
  {
    name: 'restore_test_success',
    help: 'Whether the last restore test passed.',
    read: ({ lastRestoreTest }) => lastRestoreTest && yes(lastRestoreTest.ok),
  },
  {
    name: 'restore_test_timestamp_seconds',
    help: 'When the last restore test ended.',
    read: ({ lastRestoreTest }) => epochSeconds(lastRestoreTest?.at),
  },
  {
    name: 'restore_test_duration_seconds',
    help: 'How long the last restore test took to restore the newest backup.',
    read: ({ lastRestoreTest }) => lastRestoreTest && lastRestoreTest.durationMs / 1000,
  },
  {
    name: 'next_backup_timestamp_seconds',
    help: 'When the next backup is scheduled.',
    read: ({ nextBackup }) => epochSeconds(nextBackup),
  },
];

/**
 * The status for Prometheus. An unknown value has no sample, and a metric without samples is left
 * out.
 */
export function renderMetrics({ at, databases }: StatusDocument, version: string): string {
  const moment = epochSeconds(at) ?? 0;
  const families = METRICS.map(({ name, help, read }) =>
    family(
      `lifeboat_${name}`,
      help,
      databases.flatMap((database) =>
        samplesOf(read, database, moment).map(({ labels, value }) =>
          sampleLine(`lifeboat_${name}`, { database: database.name, ...labels }, value),
        ),
      ),
    ),
  );
  return `${family('lifeboat_build_info', 'The version of Lifeboat; always 1.', [sampleLine('lifeboat_build_info', { version }, 1)])}${families.join('')}`;
}

function epochSeconds(moment: string | null | undefined): number | null {
  return moment ? Date.parse(moment) / 1000 : null;
}

function family(name: string, help: string, lines: readonly string[]): string {
  return lines.length === 0
    ? ''
    : `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join('')}`;
}

function samplesOf(read: Sampler, database: DatabaseStatus, at: number): Sample[] {
  const value = read(database, at);
  if (Array.isArray(value)) return value;
  return typeof value === 'number' && Number.isFinite(value) ? [{ labels: {}, value: value }] : [];
}

function sampleLine(name: string, labels: Labels, value: number): string {
  return `${name}{${Object.entries(labels)
    .map(([label, text]) => `${label}="${escaped(text)}"`)
    .join(',')}} ${value}\n`;
}

// The format escapes a backslash, a quote and a line break, and nothing else.
function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function yes(value: boolean): number {
  return value ? 1 : 0;
}
